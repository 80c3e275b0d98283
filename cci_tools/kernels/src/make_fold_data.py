"""Write fold_data.inc: the code-point table of the matching key, as ranges and pairs.

Run with Python 3.11 (Unicode 14.0) and the OpenCC version named below, so that the table, which is part of the
signature format, does not change by accident:  python make_fold_data.py > fold_data.inc

For each code point: compatibility form without marks (full-width to half-width, é to e), case folded, then Traditional
to Simplified, one character to one, then `VARIANTS`. What is neither a letter nor a digit is skipped.
Sources of fact: the Unicode Character Database; OpenCC's dictionaries (Apache-2.0).
"""

import unicodedata

import opencc

UNICODE, OPENCC, LIMIT = "14.0.0", "1.4.2", 0x33000

# Characters to be matched as one, after t2s; the first stands for all. t2s is made for output: where the right choice
# depends on the word it leaves a character alone, or prefers one of several. A key has no such scruples. In this order:
# characters that OpenCC's dictionaries exchange one for one in some word or region; older and other shapes of the same
# character; the zero of written-out years, and the radicals that PDF extraction leaves in place of characters.
VARIANTS = """
着著 了瞭 借藉 复覆 象像 具俱 坐座 划画 沉沈渖 链炼𫔀 呆待 钟锺 余馀 径迳 巨钜 里哩 坏坯 么幺 枪鎗 托讬 咨谘 宁甯
只祇衹 仇雠 仿彷 昵暱 苏甦 浚濬 熏薰 背揹 夫伕 它牠 拿拏 斤觔 斫斲 果菓 檗蘗 澄澂 焰燄焔 琅瑯 碱硷礆 稆穞 筱筿 堤隄
藤籐 豆荳 锄耡 旋镟 曲麹 面麺 戚𬭭 穗𰬸 线缐 吣唚 周赒 腼䩄 耇耈 尽侭 弥㳽 彩䌽 摆䙓 镢䦆 战𢧐 捣𢭏 买𧹒 账𧹔 骢𩨂
当𪠽 仑𪨧 庐𪪏 谏𫍝 谫𫍿 开𫔭 闲𫔮 鞲𫖕 愿𫖸 糊𫗫 喂𫗭 糇𫗯 雕𫛲 啮𫜩 恶𫫇 苹𬞟 同仝 绩𪟝 假叚 哲喆 坤堃 碗椀盌 桠丫
渺淼 奔犇 管筦 洁絜 专耑 绿菉 欣䜣 资赀 乃迺 村邨 炉𬬻 坂阪 俯𫖯 扬飏 和龢 罗啰 熔镕 妆粧 叙敍 台枱 潀潨 粽糭 卫衞
柏栢 鳌鼇 矿鑛 颖颕 彝彜 妍姸 檐簷 痹痺 睾睪 鲇鲶 颚腭

青靑⻘ 清淸 告吿 户戸 慎愼 概槪 绪緖 隶隷 回囘 窗窓牕 岛嶋 并竝倂 欢懽 歌謌 污汚 灾烖 卷巻 步歩 每毎 毗毘 琴琹 略畧
疏疎 睹覩 策筞 篡簒 罐鑵 耕畊 裸躶臝 咒呪 豚豘 踏蹋 躲躱 辉𪸩 阔濶 鞋鞵 鹅鵞 麻蔴 鼓皷 局跼 克尅 考攷 棋碁 款欵 暖煖
敕勅 效傚 携擕 拖拕 妒妬 姻婣 怪恠 朵朶 柳栁 棕椶 榨搾 槁槀 稿稾 秋秌龝 稚穉 纸帋 罚罸 脉衇 船舩 蛇虵 蜂蠭 衔啣 裤袴
褒襃 逼偪 遁遯 遍徧 邻隣 酬酧 鉴鍳 阴隂 鞍鞌 飘飃 剿勦 劫刼 廉亷 帮幚 懒嬾 拗抝 捶搥 昏昬 晰晳 甜甛 窑窰 筏栰 糟蹧
繁緐 臀臋 葬塟 髯髥 历暦 杂襍 盖葢 砖甎塼 赞賛 皋皐臯 鸡鶏 敛歛 姊姉

〇○◯ 母⺟ 民⺠ 虎⻁ 西⻄ 见⻅ 角⻆ 贝⻉ 车⻋ 长⻓ 门⻔ 韦⻙ 页⻚ 风⻛ 飞⻜ 食⻝ 马⻢ 骨⻣ 鬼⻤ 鱼⻥ 鸟⻦ 麦⻨ 黄⻩
齐⻬ 齿⻮ 龙⻰
"""
STANDS_FOR = {variant: group[0] for group in VARIANTS.split() for variant in group[1:]}


def fold(character: str, simplify: opencc.OpenCC) -> int:
    """Folded code point of one character, 0 where the key skips it."""
    composed = unicodedata.normalize("NFKC", character)
    if character not in STANDS_FOR and not any(c.isalnum() for c in composed):
        return 0
    parts = unicodedata.normalize("NFKD", character)
    base = "".join(c for c in parts if unicodedata.category(c) not in ("Mn", "Me"))
    # A syllable of letters stays whole, and so does what stands for several characters, like "㎡".
    form = next(f for f in (base, composed, character) if len(f) == 1)
    form = form.casefold() if len(form.casefold()) == 1 else form
    simple = simplify.convert(form)
    return ord(STANDS_FOR.get(simple, simple))


def main() -> None:
    assert unicodedata.unidata_version == UNICODE, unicodedata.unidata_version
    assert opencc.__version__ == OPENCC, opencc.__version__
    simplify = opencc.OpenCC("t2s")
    table = [0 if 0xD800 <= c < 0xE000 else fold(chr(c), simplify) for c in range(LIMIT)]
    for code in range(LIMIT):  # a chain (form -> other form -> simplified) ends in one step
        while table[code] and table[table[code]] not in (0, table[code]):
            table[code] = table[table[code]]
    kept, start = [], None
    for code in range(LIMIT + 1):
        inside = code < LIMIT and table[code] != 0
        if inside and start is None:
            start = code
        if not inside and start is not None:
            kept.append((start, code - 1))
            start = None
    pairs = [(c, t) for c, t in enumerate(table) if t not in (0, c)]
    print(f"// Written by make_fold_data.py: Unicode {UNICODE}, OpenCC {OPENCC}. Do not edit.")
    print(f"constexpr uint32_t FOLD_LIMIT = {LIMIT:#x};")
    for name, rows in (("FOLD_KEPT", kept), ("FOLD_PAIRS", pairs)):
        print(f"constexpr uint32_t {name}[][2] = {{")
        for i in range(0, len(rows), 6):
            print("    " + " ".join(f"{{{a:#x}, {b:#x}}}," for a, b in rows[i : i + 6]))
        print("};")


if __name__ == "__main__":
    main()
