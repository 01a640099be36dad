"""The hosted page of the fake: what a buyer sees in the sandbox. Plain HTML, no script, no outside asset."""

from __future__ import annotations

from html import escape

from tests.fakes.stripe_shapes import Shape

METHODS = {"alipay": "支付宝付款", "wechat_pay": "微信付款", "card": "银行卡付款"}
_STATES = {"complete": "这笔订单已经付款。", "expired": "付款时间已过，请回到商店重新下单。"}
_SIGNS = {"cny": "¥", "hkd": "HK$", "usd": "US$"}

_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>付款 · 沙盒</title>
<style>
body {{ margin: 0; font: 17px/1.6 system-ui, sans-serif; color: #222; background: #f4f1ec }}
main {{ max-width: 26rem; margin: 8vh auto; padding: 2rem; background: #fff; border-radius: 12px }}
.sandbox {{ margin: 0 0 1.5rem; padding: .5rem 1rem; color: #5b3a00; background: #ffe7b3; border-radius: 8px }}
h1 {{ margin: 0; font-size: 1.1rem; font-weight: 500 }}
.amount {{ margin: .25rem 0 1.5rem; font-size: 2.2rem; font-weight: 600 }}
button {{ display: block; width: 100%; min-height: 48px; margin: .75rem 0; font: inherit; color: #fff;
  background: #8c1d18; border: 0; border-radius: 8px; cursor: pointer }}
button.leave {{ color: #444; background: #e8e4dd }}
button:focus-visible {{ outline: 3px solid #1a5fb4; outline-offset: 2px }}
</style>
</head>
<body>
<main>
<p class="sandbox"><strong>沙盒 · 不会真的扣钱</strong></p>
{content}
</main>
</body>
</html>
"""


def payment_page(session: Shape) -> bytes:
    """The page of a session: the amount and a button for each method offered, or why it cannot be paid."""
    if session["status"] != "open":
        return _page(f"<h1>{_STATES[session['status']]}</h1>")
    buttons = [
        f'<button name="act" value="{escape(method)}">{escape(METHODS.get(method, method))}</button>'
        for method in session["payment_method_types"]
    ]
    if session["cancel_url"]:
        buttons.append('<button class="leave" name="act" value="cancel">不付了</button>')
    reference = session["client_reference_id"]
    heading = f"订单 {escape(reference)}" if reference else "付款"
    content = f'<h1>{heading}</h1>\n<p class="amount">{_amount(session)}</p>\n'
    return _page(f'{content}<form method="post" action="/pay/{session["id"]}">\n{"".join(buttons)}\n</form>')


def missing_page() -> bytes:
    """The page of a session that is not in the book."""
    return _page("<h1>没有这笔付款。</h1>")


def _page(content: str) -> bytes:
    return _PAGE.format(content=content).encode()


def _amount(session: Shape) -> str:
    currency = session["currency"]
    whole, rest = divmod(session["amount_total"], 100)
    if currency == "jpy":
        return f"JP¥{session['amount_total']:,}"
    return f"{_SIGNS.get(currency, currency.upper() + ' ')}{whole:,}.{rest:02d}"
