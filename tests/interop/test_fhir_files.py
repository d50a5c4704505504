"""Each public example comes in with the values that a person reads in it (``fhir_files/SOURCES.md``)."""

from __future__ import annotations

import datetime as dt

import pytest
from fhir_made import FILES, kinds, of_file, only

from growthwatch.record import Born, Contact, Died, Measured, RequestMade, ServiceAllocated, Weighed

D = dt.date


def test_the_notification_of_a_birth_with_the_mother() -> None:
    made = of_file("nems-BirthNotificationWithMother.xml")
    record = only(made)
    assert record.child_id == "dffd3330-dc21-11e7-9296-cec278b6b50a"
    (born,) = (e for e in record if isinstance(e, Born))
    # 20:12 UTC on 2 October is 21:12 on a British summer evening; 39.0 weeks are 273 days.
    assert (born.on, born.time, born.sex, born.gestation_days) == (D(2017, 10, 2), dt.time(21, 12), "male", 273)
    (weighed,) = (e for e in record if isinstance(e, Weighed))
    assert (weighed.on, weighed.weight_kg, weighed.setting) == (D(2017, 10, 2), 3.98, "birth weight")
    assert weighed.note == "given as 3980 g"
    assert len(record) == 2
    # The mother, born in 1987, is no child, and what was sent of her stands in the report.
    mother = [x for x in made.report.refused if "70e10b4b" in x.resource + x.value]
    assert [x.column for x in mother] == ["birthDate", "subject"]
    assert made.report.not_read == {
        f"Observation http://snomed.info/sct|{c}": 1 for c in ("1097291000000101", "237364002", "382341000000101")
    }
    # Four episodes of care without a day.
    assert [x.column for x in made.report.refused if x.resource.startswith("EpisodeOfCare")] == ["period.start"] * 4


def test_the_notification_of_a_birth_of_a_child_who_died() -> None:
    made = of_file("nems-BirthNotificationWithoutMother.xml")
    record = only(made)
    (born,) = (e for e in record if isinstance(e, Born))
    assert (born.on, born.sex, born.gestation_days) == (D(2020, 1, 13), "male", 266)
    assert [(e.on, e.weight_kg) for e in record if isinstance(e, Weighed)] == [(D(2020, 1, 13), 5.888)]
    assert [e.on for e in record if isinstance(e, Died)] == [D(2019, 12, 8)]
    assert any(x.column == "deceasedDateTime" and "before the birth" in x.reason for x in made.report.doubted)


def test_professional_contacts_name_the_health_visitor() -> None:
    made = of_file("nems-Professional-Contacts-1-new.xml", identifier="https://fhir.nhs.uk/Id/nhs-number")
    record = only(made)
    assert record.child_id == "9912003888"
    (told,) = (e for e in record if isinstance(e, ServiceAllocated))
    assert (told.on, told.service, told.worker) == (D(2018, 11, 1), "Health visiting service", "Mr. Defoe Daniels")
    # birthDate says 2013, the time of birth 2017: one of them is wrong, and nobody here knows which.
    assert next(e.on for e in record if isinstance(e, Born)) == D(2013, 10, 12)
    assert kinds(made, "birthDate.extension") == ["doubted"]


def test_the_examination_of_a_newborn_has_no_class() -> None:
    made = of_file("nems-nipe-outcome-1-new.xml")
    assert [e.type for e in only(made)] == ["born"]
    assert kinds(made, "class") == ["refused"]
    assert made.report.not_read == {"Procedure": 4, "Observation None|bcg-eligibility": 1}


def test_the_messages_about_one_child_meet_by_the_nhs_number_and_differ_in_the_birth() -> None:
    made = of_file(
        "nems-BirthNotificationWithMother.xml", "nems-Professional-Contacts-1-new.xml", "nems-nipe-outcome-1-new.xml",
        identifier="https://fhir.nhs.uk/Id/nhs-number",
    )  # fmt: skip
    assert list(made.records) == ["9912003888"]
    assert [e.on for e in only(made) if isinstance(e, Born)] == [D(2017, 10, 2)]
    assert [x.value for x in made.report.refused if "born otherwise" in x.reason] == ["2013-10-12"] * 2


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("UKCore-Observation-VitalSigns-BodyHeight-Example.xml", ("height", 164.0)),
        ("UKCore-Observation-VitalSigns-HeadCircumference-Example.xml", ("head", 59.0)),
        ("au-observation-headcircum-01.xml", ("head", 42.0)),
    ],
)
def test_lengths_and_heads(name: str, expected: tuple[str, float]) -> None:
    (event,) = only(of_file(name))
    assert isinstance(event, Measured) and (event.measure, event.value_cm) == expected
    assert event.on == (D(2019, 8, 14) if name.startswith("au") else D(2023, 8, 10))


def test_weights() -> None:
    (uk,) = only(of_file("UKCore-Observation-VitalSigns-BodyWeight-Example.xml"))
    assert isinstance(uk, Weighed) and (uk.weight_kg, uk.on, uk.note) == (90.0, D(2023, 8, 10), None)
    made = of_file("au-observation-bodyweight-02.xml")
    (au,) = only(made)
    assert isinstance(au, Weighed) and (au.weight_kg, au.on) == (9.2, D(2019, 12, 14))
    # The performer is a related person: the family weighed.
    assert (au.weighed_by, au.role) == ("family", "family")
    # The patient is in another file; the record says whose it is, and that it has no birth.
    assert made.records["mhr-smith-oliver"] and kinds(made, "subject") == ["doubted"]


def test_a_questionnaire_that_has_the_unit_in_the_text_of_the_question() -> None:
    made = of_file(
        "UKCore-QuestionnaireResponse-BabyPatientSurvey-Example.xml", "UKCore-Patient-BabyPatient-Example.xml"
    )
    record = only(made)
    (born,) = (e for e in record if isinstance(e, Born))
    assert (born.on, born.time, born.sex) == (D(2021, 2, 11), dt.time(15, 39), "female")
    assert [(e.on, e.weight_kg) for e in record if isinstance(e, Weighed)] == [(D(2021, 2, 11), 3.15)]
    assert [(e.on, e.measure, e.value_cm) for e in record if isinstance(e, Measured)] == [
        (D(2021, 2, 11), "height", 42.4)
    ]
    assert sum("question alone" in x.reason for x in made.report.doubted) == 2
    assert made.report.not_read == {"QuestionnaireResponse item": 8}


def test_a_questionnaire_without_its_patient_makes_nothing_and_says_so() -> None:
    made = of_file("UKCore-QuestionnaireResponse-BabyPatientSurvey-Example.xml")
    assert made.records == {} and made.report.fates == {"refused": 1}


def test_a_child_of_synthea() -> None:
    made = of_file("synthea-luigi-wiegand.json")
    record = only(made)
    (born,) = (e for e in record if isinstance(e, Born))
    assert (born.on, born.sex) == (D(2020, 10, 20), "male")
    weights = sorted((e.on, e.weight_kg) for e in record if isinstance(e, Weighed))
    assert weights == [
        (D(2020, 10, 20), 3.2540948513714594), (D(2020, 11, 24), 3.2540948513714594),
        (D(2021, 1, 26), 5.4660571026587625), (D(2021, 3, 30), 6.604766687497366),
    ]  # fmt: skip
    assert sum(isinstance(e, Measured) for e in record) == 4
    contacts = [e for e in record if isinstance(e, Contact)]
    assert len(contacts) == 4 and all(e.face_to_face for e in contacts)
    assert {e.service for e in contacts} == {"CARNEY HOSPITAL"} and {e.actor for e in contacts} == {"Dr. Felicitas Kub"}
    # The birth weight and length, five weeks later, to the last digit.
    assert sum("to the last digit" in x.reason for x in made.report.doubted) == 2
    assert made.report.not_read["Immunization"] == 12
    # When it was written down is what `issued` says.
    assert min(e.recorded_at for e in record if isinstance(e, Weighed)) == dt.datetime(
        2020, 10, 20, 19, 19, 3, 621000, dt.UTC
    )


def test_a_task_is_a_request_and_a_communication_a_contact_that_was_no_visit() -> None:
    (task,) = only(of_file("UKCore-Task-Colonoscopy-Example.xml"))
    assert isinstance(task, RequestMade)
    # 16:20:27+07:00 is 10:20:27 in Britain, in summer.
    assert (task.ask, task.to[0].name, task.on, task.time) == (
        "Colonoscopy Request",
        "Dr Sandra Gose",
        D(2021, 10, 13),
        dt.time(10, 20, 27),
    )
    assert task.respond_by == D(2021, 10, 13)
    (told,) = only(of_file("UKCore-Communication-FirstMMRVaccination-Example.xml"))
    assert isinstance(told, Contact) and not told.face_to_face
    assert (told.on, told.time, told.about) == (
        D(2022, 12, 11),
        dt.time(13),
        "First MMR vaccination administered to Melanie",
    )


@pytest.mark.parametrize("name", ["UKCore-Flag-FoodAllergy-Example.xml", "UKCore-CarePlan-WellnessPlan-Example.xml"])
def test_what_a_record_has_no_place_for_is_a_line(name: str) -> None:
    made = of_file(name)
    assert made.records == {} and [x.column for x in made.report.refused] == ["resourceType"]


def test_what_is_not_read_is_counted() -> None:
    assert of_file("UKCore-Bundle-NEWS2Observations-Example.xml").report.fates == {"not_read": 8}
    assert of_file("ValueSet-UKCore-BodyWeightMeasurements.xml").report.not_read == {"ValueSet": 1}


def test_all_files_at_once_read_as_each_alone() -> None:
    names = sorted(p.name for p in FILES.iterdir() if p.suffix in (".xml", ".json"))
    assert len(names) == 18
    made = of_file(*names)
    assert made.report.resources == sum(of_file(n).report.resources for n in names)


def test_the_value_set_of_body_weights_is_judged_code_by_code() -> None:
    import re

    from growthwatch.interop.fhir.codes import SNOMED, measures

    text = (FILES / "ValueSet-UKCore-BodyWeightMeasurements.xml").read_text(encoding="utf-8")
    codes = set(re.findall(r'<code value="(\d+)"', text.partition("<expansion>")[2]))
    assert len(codes) == 16
    assert all((SNOMED, c) in measures() for c in codes)
