"""Generated everyday prose: positive examples of registers that the openly licensed corpora do not have.

News, court reports, warnings against fraud, talk, diaries, stories, sport, reviews and questions, all written for this
file. They use the very words of spam (贷款, 赌博, 刷单, 发票, 微信) the way that honest text does: words do not make spam.
"""

import itertools
import random
from collections.abc import Sequence
from pathlib import Path

SLOTS: dict[str, list[str]] = {
    "who": ["我", "他", "她", "妈妈", "老师", "同事", "邻居", "小李", "师傅", "爷爷", "我们", "室友", "表姐", "医生", "老板", "那个孩子", "司机", "队友"],
    "time": ["昨天", "今天早上", "上周末", "前几天", "去年冬天", "下班以后", "中午", "小时候", "刚才", "这几年", "晚上九点多", "周三"],
    "place": ["学校", "菜市场", "公园", "医院", "车站", "图书馆", "老家", "单位", "河边", "超市门口", "楼下", "火车上", "操场", "办公室", "山脚下"],
    "city": ["北京", "上海", "广州", "成都", "杭州", "武汉", "西安", "郑州", "长沙", "青岛", "昆明", "合肥", "沈阳", "兰州", "贵阳"],
    "thing": ["一本旧书", "一封信", "半袋米", "手机", "自行车", "雨伞", "钥匙", "一盆花", "相机", "行李", "一碗面", "电脑", "作业本", "棉袄"],
    "feel": ["有点难过", "挺高兴", "说不出话来", "松了一口气", "很意外", "越想越气", "觉得好笑", "心里一酸", "没放在心上", "特别踏实"],
    "do": ["慢慢往回走", "把事情说清楚", "给家里打了个电话", "坐下来歇了一会儿", "什么也没说", "笑了笑", "又看了一遍", "转身就走"],
    "org": ["市场监管局", "公安局", "教育局", "气象台", "人民法院", "消费者协会", "疾控中心", "交通运输局", "住建局", "银保监分局"],
    "crime": ["开设赌场罪", "诈骗罪", "非法吸收公众存款罪", "帮助信息网络犯罪活动罪", "虚开发票罪", "组织考试作弊罪"],
    "trick": ["刷单返利", "冒充客服退款", "虚假贷款", "裸聊敲诈", "网络赌博", "杀猪盘", "假冒领导", "注销校园贷", "收购银行卡"],
    "team": ["主队", "客队", "红队", "山城队", "海港队", "女排", "男篮"],
    "soft": ["浏览器", "编译器", "数据库", "路由器", "显卡驱动", "输入法", "播放器", "虚拟机", "服务器", "安卓系统"],
    "fault": ["打不开", "一直闪退", "特别卡", "报错", "连不上网", "更新失败", "内存占用很高", "没有声音"],
    "fix": ["重启一下试试", "换个版本", "看看日志", "把缓存清了", "检查一下网线", "重装驱动", "升级固件", "改一下配置文件"],
    "food": ["豆腐", "红烧肉", "饺子", "西红柿鸡蛋面", "鱼汤", "米粉", "馒头", "炒青菜", "火锅", "粽子"],
    "good": ["味道不错", "分量足", "有点咸", "不太新鲜", "比想象的好", "性价比还行", "服务态度一般", "下次还会来"],
    "n": ["2", "3", "5", "7", "12", "15", "20", "30", "46", "80", "120", "300", "1500"],
}

SENTENCES: dict[str, list[str]] = {
    "talk": [
        "{who}{time}在{place}碰见{who}了，聊了半天。", "你说的那个我也不清楚，要不问问{who}？", "哈哈，{who}还真信了。",
        "{time}去{place}，路上堵了{n}分钟。", "别急，{do}再说吧。", "这也太巧了吧，{time}我也在{place}！",
        "有没有人知道{place}几点关门？", "算了，不说了，{feel}。", "他们家{food}{good}，你可以试试。", "微信上说不清楚，见面聊吧。",
    ],
    "diary": [
        "{time}，{who}带着{thing}来到{place}。", "{who}看着{thing}，{feel}。", "外面下着雨，{who}{do}。",
        "想起{time}的事，{who}{feel}。", "日子一天天过去，{place}还是老样子。", "{who}把{thing}放在桌上，{do}。",
        "也许很多年以后，{who}会明白这些话的意思。", "风从{place}那边吹过来，带着{food}的香味。",
    ],
    "story": [
        "“你怎么来了？”{who}放下{thing}，抬头问道。", "{who}冷笑一声，{do}。", "夜色渐深，{place}里只剩下{who}一个人。",
        "“此事说来话长。”{who}叹了口气，缓缓说道。", "话音未落，门外忽然传来一阵脚步声。", "{who}心头一震，{feel}。",
        "她没有回答，只是望着窗外，{do}。", "“谢谢。”他接过{thing}，声音很轻。",
    ],
    "news": [
        "本报讯 记者从{city}市{org}获悉，{time}以来，全市共检查单位{n}家，责令整改{n}家。",
        "{city}市{org}提醒，近期{trick}案件多发，市民不要轻信陌生电话和短信链接，不要向陌生账户转账。",
        "{city}市中级人民法院一审以{crime}判处被告人有期徒刑{n}年，并处罚金{n}万元。",
        "经查，该团伙以{trick}为名，骗取{n}名被害人共计{n}万元，涉案人员已被依法刑事拘留。",
        "{org}有关负责人表示，将加大执法力度，切实维护消费者合法权益。", "活动现场，{n}名志愿者向居民发放了宣传手册。",
        "该项目总投资{n}亿元，预计明年底建成通车。", "市民李女士告诉记者，她在{place}排队{n}分钟就办好了手续。",
        "企业可凭增值税发票向税务部门申请办理退税，贷款贴息政策同步实施。", "记者在{city}的招聘会上看到，不少岗位月薪超过{n}百元。",
    ],
    "prices": [
        "据监测，{city}{food}的批发价格比上月上涨{n}%，猪肉价格每公斤回落{n}元。", "自{n}日零时起，汽油零售价格每升上调{n}分。",
        "国际市场上黄金价格一度涨到每盎司{n}百美元，铜价下跌{n}%。", "粮食价格指数已经连续{n}个月走高，专家认为与天气有关。",
        "航空公司新开{city}至{city}的航班，{time}起可以买到优惠机票。", "这款车标价{n}万元，比去年便宜了{n}千元，库存不多。",
        "房租从{n}百元涨到{n}千元，{who}只好搬到{place}附近。", "{org}公布{n}个收费项目，取消的有{n}项。",
        "{city}到{city}的列车加开{n}趟，{n}点{n}分发车，次日{n}点到达。", "公司去年营业收入{n}亿元，净利润增长{n}%，每股分红{n}分。",
    ],
    "sport": [
        "第{n}分钟，{team}右路传中，前锋头球攻门得分。", "下半场{team}加强进攻，但多次射门都被门将扑出。",
        "最终{team}以{n}比{n}获胜，取得联赛三连胜。", "赛后主教练说，队员们拼到了最后一刻。",
    ],
    "forum": [
        "请教一下，{soft}{fault}怎么办？", "我这边{soft}也{fault}，{fix}就好了。", "楼上说得对，先{fix}。",
        "装了新的{soft}，用了{n}天，没什么问题。", "谢谢，{fix}之后正常了。", "这个问题是{soft}的老毛病，等更新吧。",
        "附上日志，大家帮忙看看是哪里的问题。", "QQ群里有人提过，好像跟{soft}的版本有关。",
    ],
    "review": [
        "{time}买的{thing}，今天到了，{good}。", "在{city}吃过好几家{food}，这家{good}。", "客服态度挺好，退货也快，给个好评。",
        "排队{n}分钟，{food}{good}。", "电影节奏有点慢，不过结尾{good}。", "房间不大，离{place}很近，{good}。",
    ],
    "notice": [
        "各位业主：因管道检修，{time}{place}附近停水{n}小时，请提前做好储水准备。", "请考生于{n}日前登录报名系统核对个人信息。",
        "{place}定于本月{n}日开放，凭身份证免费入场。", "失物招领：有人在{place}拾到{thing}，请失主到服务台认领。",
        "招聘保洁员{n}名，工作地点{city}，有意者请到人力资源部面谈。", "联系人：张老师，电话见单位官网。",
    ],
    "explain": [
        "{soft}的作用，是在硬件和程序之间传递数据。", "之所以{fault}，多半是因为配置没有写对。", "{food}的做法并不难，关键在火候。",
        "所谓{trick}，就是先给一点甜头，再让人不断投钱。", "利率指的是一定时期内利息与本金的比。", "彩票公益金主要用于社会福利和体育事业。",
        "近视的人要少看屏幕，多到户外活动。", "发票是记账和报销的凭证，消费时应当索取。", "脱发的原因有很多，最好先到皮肤科检查。",
    ],
}  # fmt: skip


def prose(rng: random.Random) -> str:
    """One to twelve sentences of one register, in one paragraph or a line each."""
    sentences = rng.choice(list(SENTENCES.values()))
    made = []
    for _ in range(rng.choice([1, 1, 2, 3, 5, 8, 12])):
        text = rng.choice(sentences)
        while "{" in text:
            head, _, rest = text.partition("{")
            key, _, rest = rest.partition("}")
            text = head + rng.choice(SLOTS[key]) + rest
        made.append(text)
    return rng.choice(["", "", "\n"]).join(made)


class Lexicon:
    """Random words of a general lexicon, drawn by frequency, in the shapes that text and posts have."""

    def __init__(self, path: Path) -> None:
        rows = [line.split(" ") for line in path.read_text(encoding="utf-8").split("\n") if line]
        self.words = [row[0] for row in rows]
        self.weights = list(itertools.accumulate(int(row[1]) ** 0.75 for row in rows))

    def draw(self, rng: random.Random, count: int) -> str:
        """So many words, one after the other."""
        return "".join(rng.choices(self.words, cum_weights=self.weights, k=count))

    def text(self, rng: random.Random, loaded: Sequence[str]) -> str:
        """One to thirty clauses of one to nine words, sometimes with names, topics, faces and addresses between.

        Long ones hold a word or two of `loaded`, the vocabulary of spam: it is the company that makes a word suspicious.
        """
        if rng.random() < 0.25:  # a title, a name, a row of figures
            words = self.draw(rng, rng.randint(1, 3))
            figures = " ".join(str(rng.randint(0, 10 ** rng.randint(1, 6))) for _ in range(rng.randint(1, 12)))
            return rng.choice([words, words, f"{words} {figures}", figures, f"{words}：{figures}"])
        online, parts = rng.random() < 0.4, []
        for _ in range(rng.choice([1, 1, 2, 3, 5, 10, 30])):
            words = self.draw(rng, rng.randint(1, 9))
            if len(parts) > 2 and rng.random() < 0.1:
                words += rng.choice(loaded) + self.draw(rng, 2)
            if online and rng.random() < 0.4:
                word = self.draw(rng, 1)
                words += rng.choice([f"@{word}", f"[{word}]", f"#{word}#", "http://t.cn/" + "".join(rng.choices("aZ3xQ", k=6)),
                                     "😂", "❤", "~", "！！", "…", "？", str(rng.randint(1, 3000)), " " + rng.choice("ABCXYZ")])  # fmt: skip
            parts.append(words + rng.choice(["，", "，", "。", "。", "、", "\n", " ", "！", "？", "：", "；"]))
        return "".join(parts)
