"""Names as files bring them: kept, mended where that is certain, refused where it is not."""

import pytest

from kernel.base.errors import Invalid
from services.directory.imports.domain.names import mend


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Thị Tuyết Nhung",
        "Vừ A Páo",
        "Y Êban",
        "K’Brếu",
        "Đỗ Hoàng Quý",
        "Lê Kiều Oanh",
        "Trương Thị Huyền Trân",
        "Hồ Thị Nhã Uyên",
        "Phạm Khoáng",
        "Ksor H’Bia",
        "Đào Thị Mai",
        "Nguyễn Hải (Bé)",
        "Lê Thị Thao-Vy",
        "Ngô Đình Đệ",
    ],
)
def test_vietnamese_names_of_every_people_stay_as_they_are(name):
    assert mend(name).text == name
    assert mend(name).notes == ()


def test_decomposed_letters_blanks_and_invisible_signs_are_set_right():
    assert mend("  Nguye\u0302\u0303n\u200b   Thị  Ánh ").text == "Nguyễn Thị Ánh"


@pytest.mark.parametrize(
    ("typed", "meant"), [("Nguyễn Thị Hоа", "Nguyễn Thị Hoa"), ("Trần Vаn Νam", "Trần Van Nam")]
)
def test_letters_of_other_scripts_that_look_alike_become_latin_ones(typed, meant):
    assert mend(typed).text == meant
    assert mend(typed).notes == ("name_lookalikes_mended",)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("NguyÔn V¨n §øc", "Nguyễn Văn Đức"), ("Hµ ThÞ Hång", "Hà Thị Hồng"), ("TrÇn ThÞ Lý", "Trần Thị Lý")],
)
def test_a_tcvn3_font_is_turned_into_unicode_and_said_so(typed, meant):
    assert mend(typed).text == meant
    assert mend(typed).notes == ("name_tcvn3_mended",)


@pytest.mark.parametrize(
    "typed",
    [
        *("Nguyeãn Vaên An", "Traàn Thò Hoøa", "Toâ Nga", "Hoê", "Miâ", "Thiã", "Пётр", "李明"),
        *("Nguyen\x07", "Nguyễn 2", "Peña", "Dvořák", "Nṍ", "Lĕ", "Vờ M̂", "NguyÔn 李"),
    ],
)
def test_a_name_nobody_can_be_sure_of_is_refused(typed):
    with pytest.raises(Invalid, match="name_mixed_font"):
        mend(typed)
