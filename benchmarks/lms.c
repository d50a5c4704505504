/* Weight for age, WHO 2006: z and centile of n rows, one after the other.
 *
 * z = ((y / M)^L - 1) / (L S); beyond 3 SD, linear in the distance between 2 and 3 SD.
 * table: for each sex, for each day of age: L, log M, 1 / (L S), then the weight at 3 SD and
 * 1 / (SD3 - SD2), the same below, and one that is not used.
 */
#include <math.h>
#include <stdint.h>

enum { COLUMNS = 8, BLOCK = 1024 }; /* eight columns: one row is one line of the cache */

void score(const double *restrict table, int64_t days, const int8_t *restrict sex, const int32_t *restrict age,
           const double *restrict weight, double *restrict z, double *restrict centile, int64_t n)
{
    for (int64_t start = 0; start < n; start += BLOCK) { /* a block at a time: z, then its centiles */
        int64_t end = start + BLOCK < n ? start + BLOCK : n;
        for (int64_t i = start; i < end; i++) {
            const double *row = table + COLUMNS * ((sex[i] - 1) * days + age[i]);
            double score = expm1(row[0] * (log(weight[i]) - row[1])) * row[2];
            if (score > 3)
                score = 3 + (weight[i] - row[3]) * row[4];
            else if (score < -3)
                score = -3 + (weight[i] - row[5]) * row[6];
            z[i] = score;
        }
        for (int64_t i = start; i < end; i++)
            centile[i] = 50 * erfc(-z[i] * 0.70710678118654752440);
    }
}
