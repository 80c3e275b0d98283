"""Generated spam, adverts and pages without content: the negative examples of the quality model.

Every word here was written for this file, after the classes of spam that the open web has; no real message is in it.
`spam(rng)` gives one text of a random class, sometimes disguised the way that spammers do.
"""

import random
import re

NAMES = "金沙 银河 皇冠 永利 新葡 威尼 太阳 星辰 帝豪 鸿运 大发 万豪 乐盈 凯旋 亚游 华纳 天际 环球 至尊 龙虎".split()
CITIES = "北京 上海 广州 深圳 成都 杭州 武汉 西安 郑州 长沙 青岛 南宁 昆明 合肥 沈阳 佛山 东莞 无锡 温州 兰州".split()
SERVICES = "管道疏通 开锁换锁 空调维修 搬家公司 二手车回收 防水补漏 房屋检测 写字楼装修 甲醛治理 会议速记".split()
GOODS = "阀门 水泵 电缆 输送机 脚手架 破碎机 烘干机 塑料托盘 不锈钢板 活性炭 防火门 起重机 变压器 护栏网".split()
GAMES = "传奇 奇迹 魔域 天龙 征途 诛仙 热血江湖 梦幻".split()
CURES = "灰指甲 脱发 前列腺 痔疮 白癜风 高血糖 关节痛 失眠 近视 狐臭".split()
DEGREES = "本科文凭 学历证书 资格证 驾驶证 毕业证 职称证 英语等级证".split()
FILMS = "高清大片 无删减版 国产精品 免费影院 热播短剧 午夜剧场".split()
MAIL = "abcdefghkmnpqrstuvwxyz"

CLASSES: dict[str, list[str]] = {
    "gambling": [
        "{n}娱乐城官网注册就送{m}元彩金，首存{m}送{m}，百家乐、老虎机、体育竞猜应有尽有，网址{u}",
        "{n}棋牌APP下载|{n}国际平台登录|{n}真人视讯|{n}彩票开户",
        "【{n}体育】存款秒到账，提款不限额，代理佣金高达{p}%，加客服{w}领取体验金",
        "{n}平台六合彩内部资料，一肖一码期期准，跟单计划群{q}，稳赚不赔",
        "想赢就来{n}！注册送{m}，打码返水{p}%，24小时出款，大额无忧，唯一官网{u}",
        "{n}娱乐{n}国际{n}官方网站{n}手机版下载{n}最新网址{n}备用网址",
    ],
    "loan": [
        "无抵押贷款，凭身份证即可办理，最高{m}万，当天放款，不看征信，电话{t}，微信{w}",
        "急用钱找我！信用卡代还、套现、提额，黑户可做，秒批秒到，详询{t}",
        "您的备用金额度{m}元已到账，点击{u}立即提取，退订回T",
        "{c}空放私借，车辆房产抵押，利息低至{p}厘，正规公司，加微信{w}",
    ],
    "documents": [
        "专业代办{d}，网上可查，先办后付款，{c}面谈，联系QQ{q}",
        "代开各行业发票，可验真伪，点数优惠，保真，电话{t}微信同号",
        "办证刻章{t}，{d}、{d}、{d}，全国包邮，货到付款",
        "长期收购银行卡、对公账户、手机卡，四件套高价，结算快，飞机@{e}",
    ],
    "jobs": [
        "招聘兼职，手机就能做，日赚{m}元，不限时间地点，多劳多得，加V：{w}",
        "点赞关注返佣金，一单{p}元，做满五单立结，名额有限，拉群扫码{u}",
        "打字员、刷单员、试玩员火热招募中！宝妈学生都可以，日结{m}，QQ{q}",
        "海外高薪招聘，包吃包住包机票，底薪{m}加提成，有意者纸飞机@{e}",
        "项目稳定运营{p}年，投资{m}月收益翻倍，导师一对一带单，进群{q}",
    ],
    "adult": [
        "同城交友，附近妹子上门服务，{c}高端伴游，照片可验，加{w}",
        "{f}在线观看，{f}免费下载，无需播放器，点击{u}",
        "{f}|{f}|{f}|{f}最新地址发布页{u}",
        "寂寞少妇在线视频聊天，注册免费送金币，扫码下载APP{u}",
    ],
    "local": [
        "{c}{s}电话|{c}{s}公司|{c}{s}价格|{c}{s}哪家好|{c}专业{s}{t}",
        "{c}{s}，24小时上门，价格优惠，服务热线{t}，竭诚为新老客户服务！",
        "欢迎致电{c}{s}服务中心，我公司是一家专业从事{s}、{s}、{s}的企业，客户至上，质量第一，热线{t}",
        "{c}{s},{c}{s},{c}{s},{c}{s},{c}{s}",
    ],
    "goods": [
        "{g}厂家直销{g}价格{g}批发{g}报价，现货供应，质优价廉，欢迎来电咨询{t}",
        "{c}{g}厂家，专业生产{g}、{g}、{g}，规格齐全，量大从优，联系人王经理{t}",
        "供应{g}，{g}图片，{g}型号，{g}多少钱一台，{g}生产厂家哪家好，{g}十大品牌",
        "本公司常年供应{g}{g}，支持定做，全国发货，微信{w}，来电有惊喜！！！",
    ],
    "games": [
        "新开{z}私服发布网，今日新区，上线送VIP，满级神装，爆率全开，{u}",
        "{z}变态版手游，注册送{m}元宝，上线就送神宠，下载地址{u}",
        "{z}辅助外挂免费版，自动打怪，防封号，加群{q}",
    ],
    "cures": [
        "祖传秘方专治{h}，{p}天见效，无效退款，咨询微信{w}",
        "{h}克星！不打针不吃药，一贴就好，原价{m}现价{p}元，抢购热线{t}",
        "{c}治疗{h}医院哪家好？{c}{h}专科医院，专家一对一，网上预约免挂号费",
    ],
    "retail": [
        "【{n}旗舰店】周年庆全场{p}折起，满{m}减{p}，前{m}名送豪礼，戳{u} 退订回TD",
        "亲，您的{m}元无门槛券即将过期，速点{u}领取，回N退订",
        "{n}广场会员日狂欢，满{m}返{m}，积分翻倍，爆款秒杀低至{p}元，地址{c}步行街，回T退订",
        "限时抢购！错过今天再等一年！{n}官方正品，买一送一，包邮到家，赶紧下单吧{u}",
    ],
    "fraud": [
        "尊敬的用户，您的银行卡积分{m}分即将清零，请登录{u}兑换现金",
        "您的ETC已失效，请点击{u}重新认证，逾期将无法使用",
        "恭喜您被节目组抽中为场外幸运观众，奖金{m}元及笔记本电脑一台，领奖网址{u}，验证码{p}",
        "我是房东，换号了，房租打到这个卡上，账号{t}{p}，户名李某",
    ],
    "seo": [
        "{n}是什么品牌{n}官网入口{n}怎么下载{n}靠谱吗{n}注册{n}登录{n}客服电话{t}",
        "友情链接：{n}论坛 {n}导航 {c}{s} {g}网 {z}发布站 {f} {h}偏方 站长QQ{q}",
        "黑帽优化，快速排名，蜘蛛池出租，站群搭建，外链代发，流量劫持，联系TG：@{e}",
        "本站关键词：{g},{s},{n},{z},{f},{h},{g}价格,{s}电话,{n}下载",
    ],
}

SOUP: dict[str, list[str]] = {
    "retail": (
        "满减 满赠 抢购 秒杀 优惠券 现金券 代金券 大礼包 包邮 折起 折封顶 低至 专享 特惠 钜惠 狂欢 盛典 大促 周年庆 开门红 新品上市 "
        "会员日 积分翻倍 积分兑换 换购 抢先购 爆款 清仓 买一送一 立减 直降 免费领 速抢 戳链接 详询 退订回T 回TD退订 回N退订 恭候光临 "
        "莅临品鉴 尊享 豪礼 到店有礼 限量 售完即止 惊喜价 超值 全场 旗舰店 专柜 门店 亲爱的会员 尊敬的会员 女神节 双十一 店庆 "
        "年货节 返场 预售 定金膨胀 红包雨 抽奖 刮刮乐 充值有礼 办卡 储值 体验价 团购 拼团 直播间 宠粉 福利社 上新 明星同款"
    ).split(),
    "network": (
        "流量包 话费 充值 宽带 套餐 升级 免费领取 编辑短信 回复 发送到 订购 生效 月租 国内流量 闲时 换卡 合约机 购机 预存 返还 营业厅 "
        "手机银行 积分商城 彩铃 视频会员 定向流量 不限量 携号转网 老用户 专属优惠 光纤 提速 套餐变更 亲情号 宽带续费 话费券"
    ).split(),
    "estate": (
        "地铁口 精装 现房 学区房 首付 总价 单价 起价 商铺 公寓 别墅 洋房 临湖 央景 尊邸 钜献 盛大开盘 加推 热销 售楼处 品鉴 样板间 "
        "投资回报 年返租 不限购 小户型 复式 LOFT 写字楼 旺铺 招商 十年包租 独立产权 拎包入住 户型 平米 抢占 席位 认筹 贵宾专线"
    ).split(),
    "loan": (
        "无抵押 免担保 信用贷 车贷 房贷 二押 垫资 过桥 当天放款 秒到账 额度 利息低 月息 黑户 征信 白户 代还 套现 刷卡 POS机 提额 养卡 "
        "急用钱 短拆 空放 公积金 保单 社保贷 企业贷 网贷 借呗 花呗 分期 周转 下款 口子 必下 身份证 门槛低 随借随还 手续简单"
    ).split(),
    "gambling": (
        "彩金 首存 返水 提现 秒到 真人 视讯 百家乐 龙虎 牛牛 炸金花 德州 棋牌 捕鱼 老虎机 电子游艺 六合彩 特码 一肖 平特 时时彩 "
        "北京赛车 飞艇 快三 投注 下注 盘口 水位 滚球 竞猜 代理 佣金 开户 注册 送彩金 体验金 稳赚 跟单 计划群 导师 带玩 上岸 回血 "
        "官方直营 大额无忧 信誉 包杀 庄家 博彩 娱乐城 平台 万人在线 爆分 爆奖 高赔率 充值返利 担保 USDT"
    ).split(),
    "grey": (
        "收卡 对公户 四件套 银行卡 U盾 人头 卡商 车队 跑分 码商 承兑 一手 二手 黑料 白料 混料 料子 资金 通道 洗 出款 入金 代付 担保 "
        "押金 飞机 纸飞机 telegram 频道 电报群 拉人 群发 引流 加粉 代投 号商 实名号 微信号 解封 协议号 接码 料主 供需 诚信 骗子勿扰 "
        "长期合作 日结 现结 菲律宾 柬埔寨 缅甸 迪拜 园区 路费报销 推广 精聊 键盘手 海投 狗推 盘总 高薪 底薪 提成 签证 包机票 不看业绩"
    ).split(),
    "adult": (
        "约炮 上门 外围 兼职妹 学生妹 空姐 御姐 萝莉 少妇 小姐姐 楼凤 茶 品茶 喝茶 资源 私聊 照片 视频 裸聊 福利 无码 有码 中文字幕 "
        "乱伦 偷拍 自拍 国产 欧美 日韩 在线播放 免费看 看片 黄播 直播平台 解锁 会员 破解版 激情 诱惑 全套 包夜 不满意退 验证 车牌"
    ).split(),
    "documents": (
        "办证 刻章 代办 学历 毕业证 学位证 资格证 驾照 驾驶证 身份证 户口本 房产证 营业执照 公司注册 代开 发票 增值税 专票 普票 "
        "点数 税点 真票 可验 先验后付 进项 抵扣 报销 挂靠 资质 代考 枪手 替考 答案 押题 包过 内部渠道 学信网 可查 加急 保密 欢迎来电"
    ).split(),
    "jobs": (
        "兼职 日结 日赚 月入过万 手机操作 在家 宝妈 学生 点赞 关注 刷单 返佣 本金 任务 做单 垫付 立返 打字员 录入 试玩 佣金 秒结 "
        "无需押金 零投资 零门槛 轻松赚钱 躺赚 副业 加盟 代理 分润 团队 带你飞 财富自由 扫码 加微信 名额有限 先到先得 想赚钱 私我 挣钱"
    ).split(),
    "stocks": (
        "牛股 涨停 内幕 老师 荐股 诊股 免费进群 实盘 操盘 黑马 翻倍 暴涨 主力 建仓 抄底 期货 原油 外汇 黄金 喊单 开户 配资 杠杆 "
        "强势 短线 布局 明日 盈利 收益 稳健 理财 年化 高息 保本 区块链 虚拟币 挖矿 空投 私募 原始股 额度有限 抢先布局 回复领取"
    ).split(),
    "software": (
        "私服 外挂 辅助 透视 自瞄 科技 卡盟 发卡 激活码 刷钻 刷赞 刷粉 代刷 低价 自动发货 全网最低 稳定 防封 奔放 内部 直装 "
        "服务器 出租 高防 免备案 秒解 云主机 站群 快排 蜘蛛池 外链 权重 收录 排名 上首页 泛目录 寄生虫 黑帽 劫持 源码 搭建 包更新"
    ).split(),
    "cures": (
        "祖传 秘方 根治 不复发 无副作用 纯中药 一个疗程 见效 无效退款 专家 坐诊 减肥 瘦身 丰胸 增高 壮阳 补肾 延时 祛斑 祛痘 美白 "
        "生发 排毒 降糖 降压 保健品 正品 货到付款 订购热线 咨询 免费试用 老中医 名额 预约 挂号 专科 医院哪家好 价格多少"
    ).split(),
}

MENU = (
    "首页 网站地图 设为首页 加入收藏 联系我们 关于我们 登录 注册 忘记密码 上一页 下一页 上一篇 下一篇 返回顶部 更多 查看更多 "
    "展开全文 热门标签 最新文章 随机推荐 友情链接 分类 归档 标签 搜索 订阅 评论 点击排行 广告合作 版权声明 免责声明 手机版 "
    "在线留言 产品中心 新闻中心 公司简介 成功案例 人才招聘 客服中心 购物车 我的订单 充值 会员中心 排行榜 全部章节 加入书签 "
    "投推荐票 分享到 微博 微信 QQ空间 扫一扫 下载APP 打开APP 继续阅读 暂无评论 还没有人评论 请输入验证码 换一张 站内搜索"
).split()
ERRORS = [
    "404 Not Found\n您访问的页面不存在或已被删除\n{p}秒后自动跳转到首页\n返回首页",
    "系统繁忙，请稍后再试\n错误代码：{p}\n返回上一页 | 刷新页面 | 联系管理员",
    "请先登录后再查看本内容\n用户名：\n密码：\n记住我 忘记密码？ 立即注册",
    "正在加载，请稍候……\n如果您的浏览器没有自动跳转，请点击这里\nLoading...",
    "Warning: mysql_connect(): Access denied in /www/web/index.php on line {p}\n无法连接数据库",
    "var _hmt=_hmt||[];(function(){var hm=document.createElement('script');hm.src='//{u}/hm.js?{p}';})();",
    "该文章已被作者删除\n点击查看更多精彩内容\n广告 关闭",
    "很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。\n请求编号：{t}{p}",
]


def _number(rng: random.Random, digits: int) -> str:
    return str(rng.randint(1, 9)) + "".join(rng.choice("0123456789") for _ in range(digits - 1))


def fill(template: str, rng: random.Random) -> str:
    """A template with random words, each place its own."""
    words = {"n": NAMES, "c": CITIES, "s": SERVICES, "g": GOODS, "z": GAMES, "h": CURES, "d": DEGREES, "f": FILMS}

    def made(match: re.Match[str]) -> str:
        key = match.group(1)
        letters = "".join(rng.choice(MAIL) for _ in range(rng.randint(4, 8)))
        if key in words:
            return rng.choice(words[key])
        if key == "m":
            return str(rng.choice([8, 18, 38, 58, 88, 100, 188, 300, 500, 888, 1000, 3000, 5000, 8888]))
        if key == "p":
            return str(rng.randint(1, 99))
        if key == "t":
            return "1" + _number(rng, 10) if rng.random() < 0.7 else "400" + _number(rng, 7)
        if key == "q":
            return _number(rng, rng.randint(7, 10))
        if key == "u":
            end = rng.choice([".com", ".cc", ".vip", ".top", ".xyz", ".net"])
            return rng.choice(["www.", "http://", ""]) + letters + _number(rng, rng.randint(1, 3)) + end
        return letters + (_number(rng, rng.randint(2, 5)) if key == "w" and rng.random() < 0.7 else "")

    return re.sub(r"\{([a-z])\}", made, template)


def disguise(text: str, rng: random.Random) -> str:
    """Signs between the characters, circled digits, full-width letters, or emoji, as spam hides its words."""
    kind = rng.randrange(5)
    if kind == 0:
        sign = rng.choice("★·丨-_~|．◆*")
        return "".join(c + (sign if rng.random() < 0.4 else "") for c in text)
    if kind == 1:
        return text.translate(str.maketrans("1234567890", "①②③④⑤⑥⑦⑧⑨⓪"))
    if kind == 2:
        return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    if kind == 3:
        return "".join(c + (rng.choice("🔥💰✅❤️👉🎁📞💎") if rng.random() < 0.15 else "") for c in text)
    return "".join(c + (" " if rng.random() < 0.6 else "") for c in text)


TAILS = ["{t}", "微信{w}", "加V{w}", "QQ{q}", "扣扣{q}", "@{e}", "TG：{e}", "{u}", "详情点击{u}", "电话{t}", "{n}", "{c}", "{m}元", "{p}折"]


def soup(rng: random.Random) -> str:
    """Words of one class of spam, with numbers and addresses between, as short messages string them together."""
    words = rng.choice(list(SOUP.values()))
    separator = rng.choice(["", "", "", " ", "，", "，", "！", "、", "|"])
    parts = []
    for _ in range(rng.randint(3, 18)):
        parts.append(rng.choice(words))
        if rng.random() < 0.25:
            parts.append(fill(rng.choice(TAILS), rng))
    return separator.join(parts) + rng.choice(["", "", "！", "!!!", "。", fill(rng.choice(TAILS), rng)])


def advert(rng: random.Random) -> str:
    """One to six messages of one class of spam."""
    if rng.random() < 0.5:
        text = soup(rng)
    else:
        templates = rng.choice(list(CLASSES.values()))
        text = rng.choice(["\n", "", " ", "。"]).join(fill(rng.choice(templates), rng) for _ in range(rng.randint(1, 6)))
    return disguise(text, rng) if rng.random() < 0.2 else text


def menu(rng: random.Random, least: int, most: int) -> str:
    """Entries of menus, and titles between them."""
    items = [rng.choice(MENU) for _ in range(rng.randint(least, most))]
    for _ in range(len(items) // 10):
        items.insert(rng.randrange(len(items)), f"{rng.choice(CITIES)}{rng.choice(SERVICES + GOODS)}")
    return rng.choice(["\n", " | ", " ", "\n\n", " > "]).join(items)


def page(rng: random.Random) -> str:
    """A page that is only menus, or an error."""
    return menu(rng, 15, 120) if rng.random() < 0.7 else fill(rng.choice(ERRORS), rng)


def furniture(text: str, rng: random.Random) -> str:
    """An honest text with the menus of its page before and behind: a positive example."""
    most = max(1, len(text) // 20)
    return f"{menu(rng, 1, most)}\n{text}\n{menu(rng, 1, most)}"


def spam(rng: random.Random) -> str:
    """One generated negative example."""
    return advert(rng) if rng.random() < 0.75 else page(rng)
