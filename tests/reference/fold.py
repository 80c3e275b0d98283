"""Plain twin of the matching key: the rule from Unicode's and OpenCC's own data, without the compiled table."""

import functools
import unicodedata

import opencc

OPENCC_EXCHANGES = """
着著 了瞭 借藉 复覆 象像 具俱 坐座 划画 沉沈渖 链炼𫔀 呆待 钟锺 余馀 径迳 巨钜 里哩 坏坯 么幺 枪鎗 托讬 咨谘 宁甯
只祇衹 仇雠 仿彷 昵暱 苏甦 浚濬 熏薰 背揹 夫伕 它牠 拿拏 斤觔 斫斲 果菓 檗蘗 澄澂 焰燄焔 琅瑯 碱硷礆 稆穞 筱筿 堤隄
藤籐 豆荳 锄耡 旋镟 曲麹 面麺 戚𬭭 穗𰬸 线缐 吣唚 周赒 腼䩄 耇耈 尽侭 弥㳽 彩䌽 摆䙓 镢䦆 战𢧐 捣𢭏 买𧹒 账𧹔 骢𩨂
当𪠽 仑𪨧 庐𪪏 谏𫍝 谫𫍿 开𫔭 闲𫔮 鞲𫖕 愿𫖸 糊𫗫 喂𫗭 糇𫗯 雕𫛲 啮𫜩 恶𫫇 苹𬞟 同仝 绩𪟝 假叚 哲喆 坤堃 碗椀盌 桠丫
渺淼 奔犇 管筦 洁絜 专耑 绿菉 欣䜣 资赀 乃迺 村邨 炉𬬻 坂阪 俯𫖯 扬飏 和龢 罗啰 熔镕 妆粧 叙敍 台枱 潀潨 粽糭 卫衞
柏栢 鳌鼇 矿鑛 颖颕 彝彜 妍姸 檐簷 痹痺 睾睪 鲇鲶 颚腭
"""
OTHER_SHAPES = """
青靑⻘ 清淸 告吿 户戸 慎愼 概槪 绪緖 隶隷 回囘 窗窓牕 岛嶋 并竝倂 欢懽 歌謌 污汚 灾烖 卷巻 步歩 每毎 毗毘 琴琹 略畧
疏疎 睹覩 策筞 篡簒 罐鑵 耕畊 裸躶臝 咒呪 豚豘 踏蹋 躲躱 辉𪸩 阔濶 鞋鞵 鹅鵞 麻蔴 鼓皷 局跼 克尅 考攷 棋碁 款欵 暖煖
敕勅 效傚 携擕 拖拕 妒妬 姻婣 怪恠 朵朶 柳栁 棕椶 榨搾 槁槀 稿稾 秋秌龝 稚穉 纸帋 罚罸 脉衇 船舩 蛇虵 蜂蠭 衔啣 裤袴
褒襃 逼偪 遁遯 遍徧 邻隣 酬酧 鉴鍳 阴隂 鞍鞌 飘飃 剿勦 劫刼 廉亷 帮幚 懒嬾 拗抝 捶搥 昏昬 晰晳 甜甛 窑窰 筏栰 糟蹧
繁緐 臀臋 葬塟 髯髥 历暦 杂襍 盖葢 砖甎塼 赞賛 皋皐臯 鸡鶏 敛歛 姊姉
"""
ZERO_AND_RADICALS = """
〇○◯ 母⺟ 民⺠ 虎⻁ 西⻄ 见⻅ 角⻆ 贝⻉ 车⻋ 长⻓ 门⻔ 韦⻙ 页⻚ 风⻛ 飞⻜ 食⻝ 马⻢ 骨⻣ 鬼⻤ 鱼⻥ 鸟⻦ 麦⻨ 黄⻩
齐⻬ 齿⻮ 龙⻰
"""
SAME = {c: group[0] for group in (OPENCC_EXCHANGES + OTHER_SHAPES + ZERO_AND_RADICALS).split() for c in group}
SIMPLIFY = opencc.OpenCC("t2s")


@functools.cache
def fold(character: str) -> str:
    """Folded form of one character, "" where the key skips it."""
    composed = unicodedata.normalize("NFKC", character)
    if character not in SAME and not any(c.isalnum() for c in composed):
        return ""
    base = "".join(c for c in unicodedata.normalize("NFKD", character) if unicodedata.category(c) not in ("Mn", "Me"))
    for form in (base, composed, character):
        if len(form) == 1:
            break
    if len(form.casefold()) == 1:
        form = form.casefold()
    simple = SIMPLIFY.convert(form)
    simple = SAME.get(simple, simple)
    return simple if simple == character else fold(simple)


def fold_text(text: str) -> str:
    return "".join(map(fold, text))
