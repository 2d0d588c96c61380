#!/usr/bin/env bash
# localstripe 1.15.10: more goes back than was charged, and the charge says so.
#
# Expected: a stand-in that "keeps state" refuses a refund beyond what is left of the charge, as Stripe does (HTTP 400).
# Happens:  two refunds of 80 of a charge of 100 both succeed; amount_refunded is 160. A program that gives back twice passes its tests.
# Source:   docs.stripe.com/api/refunds ("you can't refund more than the original charge amount"); in localstripe's README no word
#           of it; localstripe/resources.py, Refund.__init__ looks at no earlier refund.
# Here:     tests/bookings/stripe_server.py wraps Refund and refuses what the real one refuses.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'localstripe==1.15.10'

seen=$("$folder/venv/bin/python" - <<'PYTHON'
from localstripe.resources import Charge, PaymentMethod, Refund

card = PaymentMethod(type="card", card={"number": "4242424242424242", "exp_month": "1", "exp_year": "2030", "cvc": "123"})
charge = Charge._api_create(amount="100", currency="eur", source=card.id)
for refund in [Refund(charge=charge.id, amount="80") for _ in range(2)]:
    print("refund:", refund.amount, refund.status)
print("charged:", charge.amount, "refunded:", charge.amount_refunded)
PYTHON
)
echo "$seen"

wanted='refund: 80 succeeded
refund: 80 succeeded
charged: 100 refunded: 160'
[ "$seen" = "$wanted" ] || { echo "seen otherwise; wanted: $wanted"; exit 1; }
