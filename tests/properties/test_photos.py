from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from properties.models import Photo
from tests.properties.conftest import STEP3, data_url, picture, step2, stored_files

pytestmark = pytest.mark.django_db


def upload(host, property_id, *files, **fields):
    parts = {f"photo{n}": SimpleUploadedFile(f"{n}.png", data, "image/png") for n, data in enumerate(files)}
    return host.api.post(f"/api/property_registration/step2/{property_id}/photos/", parts | fields, format="multipart")


def path(url):
    return url.removeprefix("http://testserver")


def test_photos_are_stored_re_encoded_in_two_sizes(host):
    property_id = host.start()
    shown = host.step(2, property_id, step2(data_url(size=(2000, 1000)))).data["photos"][0]
    assert (shown["width"], shown["height"]) == (1600, 800)
    row = Photo.objects.get(property_id=property_id)
    with default_storage.open(row.thumbnail.name) as file:
        small = Image.open(BytesIO(file.read()))
    assert (small.format, small.size) == ("JPEG", (480, 240))
    assert path(shown["image_data"]) == default_storage.url(row.image.name)


def test_the_same_photo_keeps_its_row_and_dropped_ones_leave_no_file(host, django_capture_on_commit_callbacks):
    property_id = host.start()
    red, blue = data_url("red"), data_url("blue")
    first = host.step(2, property_id, step2(red, blue)).data["photos"]
    with django_capture_on_commit_callbacks(execute=True):
        second = host.step(2, property_id, step2(blue)).data["photos"]
    assert [photo["id"] for photo in second] == [first[1]["id"]]
    assert len(stored_files()) == 2


def test_a_photo_sent_back_by_its_address_stays(host):
    property_id = host.start()
    shown = host.step(2, property_id, step2(data_url("red"), data_url("blue"))).data["photos"]
    addresses = [shown[1]["image_data"], shown[0]["thumbnail"].replace("testserver", "elsewhere.example")]
    again = host.step(2, property_id, step2(*addresses)).data["photos"]
    assert [photo["id"] for photo in again] == [shown[1]["id"], shown[0]["id"]]


def test_the_address_of_somebody_elses_photo_is_no_photo(host, stranger):
    theirs = stranger.start()
    shown = stranger.step(2, theirs, step2(data_url("red"))).data["photos"]
    refusal = host.step(2, host.start(), step2(shown[0]["image_data"]))
    assert "photos.0.image_data" in refusal.data["fields"]


def test_without_photos_in_the_body_those_there_stay(host):
    property_id = host.start()
    host.step(2, property_id, step2(data_url()))
    assert len(host.step(2, property_id, {"regular_amenities": []}).data["photos"]) == 1
    assert host.step(2, property_id, {"photos": []}).data["photos"] == []


def test_a_refused_step_leaves_no_file(host):
    property_id = host.start()
    refusal = host.step(2, property_id, step2(data_url("red"), "data:image/png;base64,AAAA"))
    assert "photos.1.image_data" in refusal.data["fields"]
    assert stored_files() == []


def test_more_than_twenty_are_refused(host):
    property_id = host.start()
    assert host.step(2, property_id, step2(*[data_url()] * 21)).data["code"] == "invalid"
    assert upload(host, property_id, *[picture()] * 21).status_code == 400
    assert upload(host, property_id, *[picture()] * 20).status_code == 201
    assert upload(host, property_id, picture()).status_code == 400
    assert Photo.objects.filter(property_id=property_id).count() == 20


def test_uploads_are_appended_ordered_and_removed(host, django_capture_on_commit_callbacks):
    property_id = host.start()
    host.step(2, property_id, step2(data_url("red")))
    added = upload(host, property_id, picture("blue"), picture("green"), description="Garden")
    assert [photo["description"] for photo in added.data] == ["Garden", "Garden"]
    ids = [photo["id"] for photo in host.read(2, property_id).data["photos"]]
    assert ids[1:] == [photo["id"] for photo in added.data]
    address = f"/api/property_registration/step2/{property_id}/photos/"
    assert host.api.put(address, {"order": [ids[2], ids[0]]}).status_code == 204
    assert [photo["id"] for photo in host.read(2, property_id).data["photos"]] == [ids[2], ids[0], ids[1]]
    with django_capture_on_commit_callbacks(execute=True):
        assert host.api.delete(f"{address}{ids[0]}/").status_code == 204
    assert [photo["id"] for photo in host.read(2, property_id).data["photos"]] == [ids[2], ids[1]]
    assert len(stored_files()) == 4
    assert host.api.delete(f"{address}{ids[0]}/").status_code == 404


@pytest.mark.parametrize("order", [None, "x", [1, 1], [0], [10**9], ["a"], {"a": 1}])
def test_an_order_that_makes_no_sense(host, order):
    property_id = host.start()
    host.step(2, property_id, step2(data_url()))
    response = host.api.put(f"/api/property_registration/step2/{property_id}/photos/", {"order": order})
    assert (response.status_code, response.data["code"]) == (400, "invalid")


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"GIF89a", picture()[:-30]], ids=["empty", "svg", "gif", "cut"])
def test_an_upload_is_judged_by_content_not_by_name(host, data):
    property_id = host.start()
    response = upload(host, property_id, data)
    assert (response.status_code, response.data["code"]) == (400, "invalid")
    assert stored_files() == []


def test_an_upload_without_a_file(host):
    response = upload(host, host.start(), description="nothing")
    assert (response.status_code, "photos" in response.data["fields"]) == (400, True)


def test_a_strangers_photos_cannot_be_touched(host, stranger):
    property_id = host.start()
    shown = host.step(2, property_id, step2(data_url())).data["photos"]
    address = f"/api/property_registration/step2/{property_id}/photos/"
    assert upload(stranger, property_id, picture()).status_code == 404
    assert stranger.api.put(address, {"order": [shown[0]["id"]]}).status_code == 404
    assert stranger.api.delete(f"{address}{shown[0]['id']}/").status_code == 404
    assert stranger.step(2, property_id, step2()).status_code == 404
    assert stranger.step(3, property_id, STEP3).status_code == 404
    assert len(stored_files()) == 2


def test_pictures_of_dishes_and_of_the_table(host, django_capture_on_commit_callbacks):
    property_id = host.start()
    dish = {"name": "Rice", "price": 5, "photo": data_url()}
    shown = host.step(5, property_id, {"lunch": [dish]}).data["lunch"][0]
    assert shown["photo"].startswith("http://testserver/")
    kept = host.step(5, property_id, {"lunch": [shown]}).data["lunch"][0]
    assert kept["photo"] == shown["photo"]
    with django_capture_on_commit_callbacks(execute=True):
        for none in ("image", "No photo uploaded", "https://example.com/a.png", "data:text/plain,x"):
            assert (
                host.step(5, property_id, {"lunch": [dish | {"photo": none}]})
                .data["lunch"][0]["photo"]
                .endswith("/media/drawn/dish/lunch.png")
            )
            assert (
                host.step(6, property_id, {"meal_price": 0, "photo": none})
                .data["photo"]
                .endswith("/media/drawn/dish/table.png")
            )
    assert stored_files() == []
