"""Furniture where the main text of a page would be: tools, pagers, errors, notices of login, disclaimers."""

import re

from cci_tools.cleaning import boilerplate

LONGEST = 400
"""Characters of a text that is looked at; furniture alone is not longer."""

_WORDS = (
    "(?:推荐|点赞|赞|顶|踩|喜欢|收藏|评论|转发|分享|阅读|浏览|围观)\\s?[(（:：]?\\s?\\d+\\s?[)）]?(?:次|人|\\+)?"
    "|打印(?:本页|本文|此页|本稿|此文|预览)?|关闭(?:窗口|本页|页面)?|收藏(?:本页|本文)?|分享(?:到|至)?[:：]?|举报|(?:我要)?(?:纠错|反馈)"
    "|返回[^\\s。！？，]{0,6}(?:顶部|首页|列表|主页)|查看更多|展开(?:全[部文]|阅读)|收起|点赞|回复|发表评论|图集|顶部|首页|末页|尾页"
    "|[上下]一[页篇条]|(?:扫码|扫一扫|扫描二维码|点击|展开|打开APP|打开App)?(?:阅读|查看|展开|显示)(?:全文|剩余(?:全文|内容)|剩余\\d+%)"
    "|\\+1|(?<=[【\\[])\\d{1,3}(?=[】\\]])"
)
_PAGES = (
    "[上下]一?页|首页|末页|尾页|第?\\d{1,4}\\s?页|共\\s?\\d{1,5}\\s?[页条]|\\d{1,4}(?:\\s?/\\s?\\d{1,4})?(?!\\d)|页次[:：]|转到"
    "|跳转到?|到第|页|GO|Go|go|确定|[.…]{2,6}"
)
_BETWEEN = "[\\s\xa0【】\\[\\]（）()|｜·<>＜＞«»‹›《》]*+"
# Atomic, or a long row of digits or tools would be tried in each combination of readings.
_TOOLS = re.compile(f"{_BETWEEN}(?:(?>{_WORDS}){_BETWEEN})++|[<＜«‹]\\s+[>＞»›]")
_PAGER = re.compile(
    f"(?=.*(?:[上下]一?页|首页|末页|尾页|共\\s?\\d+\\s?页)){_BETWEEN}(?:(?>{_PAGES})[,，:：]?{_BETWEEN})++"
)
_DOOR = re.compile("[\\[【(（]?(?:点击|返回|查看|进入|前往)[^。！？；]{1,24}(?:[>＞]{2}|[»›]|》》)[\\]】)）]?")
_HOME = re.compile(
    "(?<=[。！？”’）)」])\\s*[\\[【(（]?返回[^。！？，；]{0,8}(?:首页|主页)[\\]】)）]?\\s*(?:[>＞»›]{1,2}|》》)?$"
)

_SORRY = (
    "(?:(?:很|非常|十分|真)?(?:抱歉|对不起|對不起|遗憾|(?i:sorry))|(?:系统|温馨|错误)?提示(?:信息)?|出错了|错误)?"
    "[，,！!：:、～~…\\s]*"
)
_GONE = (
    "(?:不存在|找不到|未找到|没有找到|无法(?:访问|显示|找到|打开)|走丢了?|出错"
    "|已?[经被]*(?:删除|移除|屏蔽|过期|关闭|下[线架]))"
)
_PAGE = "(?:网?页面?|网址|文章|内容|帖子|贴子|主题|商品|链接|视频|信息|资源|地址)"
_ERROR = _SORRY + (
    f"(?:(?:您|你)(?:所|要|正在|想)*(?:访问|查看|浏览|请求|查找|寻找|打开|输入)的?[^，。！？]{{0,12}}{_GONE}"
    f"|(?:该|此|本|指定的?){_PAGE}[^，。！？]{{0,4}}{_GONE}|(?:网页|页面){_GONE}"
    "|(?i:404|page)[\\s-]*(?i:not found|error)"
    "|(?:未查询到|没有(?:找到|查询到))[^，。！？]{0,24}(?:信息|结果|数据|内容|记录|页面)|暂无(?:相关)?(?:信息|结果|数据|内容|记录|评论)"
    "|(?:页面)?(?:将在|将于)?\\s?\\d+\\s?秒(?:钟)?[后内][^，。！？]{0,6}(?:跳转|返回|转到))"
)
_LOGIN = _SORRY + (
    "(?:(?:请|(?:您|你)?需要|必须)先?(?:登[录陆]|注册)(?:后|之后|账号|帐号|再|才|[，,。！!\\s]|$)"
    "|(?:(?:您|你)还?(?:没有|尚未|未|需要))(?:登[录陆]|注册)|(?:登[录陆]|注册)(?:后|之后)(?:即可|才能|才可以?|可以|方可)"
    "|[^。！？]{0,20}[账帐][号户](?:体系|系统)[^。！？]{0,40}登[录陆]|(?:您|你)?(?:没有|无)(?:足够的?)?权限(?:查看|浏览|访问|阅读)"
    "|(?:请|(?:您|你)?需要|推荐)(?:先|您)?(?:开启|启用|安装|升级|更新|更换|使用)[^，。！？]{0,14}(?i:JavaScript|Flash|浏览器)"
    "|(?:您|你)的?(?:当前)?(?:使用的?)?浏览器[^，。！？]{0,6}(?:版本|不支持|禁用))"
)
_DISCLAIMER = (
    "(?:免责声明|免責聲明)\\s?(?:[:：]|$)"
    "|(?:本站|本网站|本网|本页|本頁|本页面)[^，。！？]{0,16}(?:不承担|概不负责|均?(?:来自|来源于)|不存储|仅供)"
    "|(?:本站|本页|本页面)(?:为您)?提供[^。！？]{0,60}(?:下载|观看|播放|阅读)"
    "|.{0,60}(?:(?i:all rights? reserved)|©|版权所有|版權所有)"
    "|(?i:copyright)\\s?(?:©|@|\\(c\\)|\\d{4}|www)|.{0,60}(?i:Processed in [\\d.]+ second|powered by)"
    "|以上(?:信息|内容|资料|产品)由[^。]{0,12}(?:提供|发布)|(?:温馨提示\\s?[:：]\\s?)?为?规避(?:购买|交易|投资)风险"
    "|.{0,10}(?:意见|不良信息)反馈[^。]{0,12}(?:留言|电话|入口)"
)
_HEADING = (
    "(?:[>》›·\\s]*)(?:大家(?:都|正|还)在[看搜]|猜你喜欢|(?:热门|热点|推荐|最新|相关|精彩|更多|其他|本类|随机|站内)(?:公开)?(?:推荐|文章|新闻|专辑|专题|图片|图集"
    "|视频|帖子|主题|内容|阅读|评论|资讯|下载|商品|产品|搜索|链接|标签))[>》›»:：·\\s]*"
)
_TERMS_OF_USE = re.compile(_DISCLAIMER)
_STRONG = (
    ("an error", re.compile(_ERROR)),
    ("a notice of login or browser", re.compile(_LOGIN)),
    ("a disclaimer or notice of copyright", _TERMS_OF_USE),
)
_SENTENCES = re.compile("[。！？；]")
_HEADING_LINE = re.compile(_HEADING)
_HEALTH = re.compile("友情(?:提醒|提示)[^。]{0,20}(?:洗手|视力|眼睛|沉迷|上网|休息)|抵制不良(?:游戏|信息)")
_NO_WORDS = re.compile(
    "(?:https?://|www\\.)\\S+|[^\u3400-\u9fff。！？；]{0,3}[A-Za-z]{0,12}[^\u3400-\u9fffA-Za-z。！？；]{0,12}"
)
_ABOUT_TERMS = re.compile("声明|聲明|条款|協議|协议|隐私|政策|版权|须知|帮助")
_HANZI = re.compile("[\u3400-\u9fff]")


def is_tool(line: str) -> bool:
    """Whether a line is nothing but tools of the page: buttons, counters, a pager, a door to another page.

    >>> [is_tool(line) for line in ("推荐99", "上一页 1/2 下一页", "扫码阅读全文", "返回某网首页>>")]
    [True, True, True, True]
    >>> is_tool("首页改版，请提意见。")
    False
    """
    return (
        len(line) <= 80
        and line[-1:] not in "。，；！？”"
        and bool(_TOOLS.fullmatch(line) or _PAGER.fullmatch(line) or _DOOR.fullmatch(line))
    )


def without_door(line: str) -> str:
    """A last paragraph without the link to the front page that stands in it.

    >>> without_door("会议于当日结束。返回某网首页>>")
    '会议于当日结束。'
    """
    return _HOME.sub("", line)


def nothing_but_furniture(text: str, title: str = "") -> str:
    """Why a text is no main text: what it is made of, and the first line that shows it; ``""`` where it may be one.

    One line of anything else, and it is a text. What furniture alone would be on another page (a line of numbers, an
    address, a word or two) says nothing either way, except where a page has nothing else.

    Parameters
    ----------
    text : str
        The main text that was found.
    title : str, default ""
        A page of terms has its disclaimer for a main text.

    Examples
    --------
    >>> nothing_but_furniture("抱歉，您访问的页面不存在。")
    'an error: 抱歉，您访问的页面不存在。'
    >>> nothing_but_furniture("因管网检修，明日八时至十八时停水。")
    ''
    """
    if len(text) > LONGEST:
        return ""
    if "\n" not in text and _NO_WORDS.fullmatch(text):
        return f"a number, a word or an address: {text[:60]}"
    shown = ""
    for line in text.split("\n"):
        kind = _kind(line, title)
        if not kind:
            return ""
        if kind != "little" and not shown:
            shown = f"{kind}: {line[:60]}"
    return shown


def _kind(line: str, title: str) -> str:
    """What furniture a line is; ``""`` if it is none."""
    sentences = [sentence for sentence in _SENTENCES.split(line) if sentence.strip()]
    terms = bool(_ABOUT_TERMS.search(title))
    for kind, pattern in _STRONG:
        other = sum(len(sentence) for sentence in sentences if not pattern.match(sentence.strip()))
        if 2 * other < len(line) and not (terms and pattern is _TERMS_OF_USE):
            return kind
    if _HEADING_LINE.fullmatch(line):
        return "a heading of links"
    if is_tool(line) or (not terms and not boilerplate.strip(line, boilerplate.load())[0]):
        return "tools or notices of a site"
    if _NO_WORDS.fullmatch(line) or len(_HANZI.findall(line)) <= 4 or _HEALTH.search(line):
        return "little"
    return ""
