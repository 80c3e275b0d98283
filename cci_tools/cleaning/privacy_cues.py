"""Words that announce personal information where the number alone says too little."""

from enum import IntEnum

from cci_tools.kernels.privacy import FIRST_CUE_MARK, Cues, cues


class Cue(IntEnum):
    """What a cue announces: the marks of `CUES`."""

    QQ = FIRST_CUE_MARK
    WECHAT = FIRST_CUE_MARK + 1
    PASSPORT = FIRST_CUE_MARK + 2
    PERMIT = FIRST_CUE_MARK + 3
    ADDRESS = FIRST_CUE_MARK + 4
    TELEPHONE = FIRST_CUE_MARK + 5


_WORDS = {
    (Cue.QQ, 14): "QQ 扣扣 企鹅号 加Q",
    (Cue.WECHAT, 14): "微信 微訊 威信号 薇信 wechat weixin V信 wx: vx: wx号 vx号 加wx 加vx",
    (Cue.PASSPORT, 14): "护照 護照 passport",
    (Cue.PERMIT, 14): "通行证 通行證 台胞证 台胞證 回乡证 回鄉證",
    (Cue.ADDRESS, 0): (
        "家住 现住 現住 住址 家庭地址 家庭住所 户籍地 戶籍地 户籍所在 居住于 居住在 居住地 居住地址 现居 現居 收货地址 "
        "收件地址 寄件地址 邮寄地址 租住 暂住"
    ),
    (Cue.TELEPHONE, 8): "电话 電話 传真 傳真 座机 热线 熱線 tel: fax:",
}
CUES: Cues = cues([(word, mark, reach) for (mark, reach), words in _WORDS.items() for word in words.split()])
"""The cue words, ready for `cci_tools.kernels.privacy.privacy_candidates`."""
