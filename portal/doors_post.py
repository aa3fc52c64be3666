"""The doors of the post, and of the agency's side of the table where papers change hands."""

from __future__ import annotations

from portal.access import POST, Role
from portal.doorman import Row, ask, do, poll, see, serve, welcome
from portal.postal.views import (
    counter,
    courier,
    handover,
    homeward,
    results,
    scan_orders,
    station,
    supervisor,
    tally,
    walk_in,
    withdrawal,
)

CLERKS = frozenset({Role.POSTAL_CLERK, Role.POSTAL_SUPERVISOR})
CLERK = frozenset({Role.POSTAL_CLERK})
COURIER = frozenset({Role.COURIER})
CARRIERS = CLERK | COURIER
SUPERVISOR = frozenset({Role.POSTAL_SUPERVISOR})
ONESTOP = frozenset({Role.ONESTOP_OFFICER})

POST_DESK: tuple[Row, ...] = (
    see("post.desk", "/buu-dien", counter.index, POST),
    ask("post.open", "/buu-dien", counter.open_code, CLERK),
    do("post.claim", "/buu-dien/nhan", counter.claim, CLERK),
    see("post.walk_in", "/buu-dien/ho-so-moi", walk_in.new, CLERK),
    do("post.walk_in_post", "/buu-dien/ho-so-moi", walk_in.create, CLERK),
    see("post.dossier", "/buu-dien/ho-so/<public_id>", counter.show, CLERKS),
    see("post.tally", "/buu-dien/ho-so/<public_id>/kiem-dem", tally.show, CLERK),
    do("post.tally_post", "/buu-dien/ho-so/<public_id>/kiem-dem", tally.save, CLERK),
    poll("post.total", "/buu-dien/ho-so/<public_id>/kiem-dem/tong", tally.total, CLERK),
    do("post.add_paper", "/buu-dien/ho-so/<public_id>/giay-to", tally.add_paper, CLERK),
    do(
        "post.scan",
        "/buu-dien/ho-so/<public_id>/giay-to/<document_id>/quet",
        tally.scan,
        CLERK,
    ),
    do(
        "post.order_scan",
        "/buu-dien/ho-so/<public_id>/giay-to/<document_id>/quet-tu-may",
        scan_orders.create,
        CLERK,
    ),
    poll("post.scan_order", "/buu-dien/lenh-quet/<public_id>", scan_orders.state, CLERK),
    do("post.decide_scan", "/buu-dien/lenh-quet/<public_id>", scan_orders.decide, CLERK),
    do("post.drop_scan", "/buu-dien/ho-so/<public_id>/tep/<file_id>/bo", tally.drop_scan, CLERK),
    see("post.slip", "/buu-dien/ho-so/<public_id>/phieu-gui", tally.slip, CLERK),
    do("post.unseal", "/buu-dien/ho-so/<public_id>/mo-niem-phong", tally.unseal, CLERK),
    see("post.withdraw", "/buu-dien/ho-so/<public_id>/rut", withdrawal.show, CLERK),
    do("post.withdraw_post", "/buu-dien/ho-so/<public_id>/rut", withdrawal.send, CLERK),
    see("post.handovers", "/buu-dien/ban-giao", handover.index, CLERK),
    do("post.propose", "/buu-dien/ban-giao", handover.propose, CLERK),
    see("post.handover", "/buu-dien/ban-giao/<public_id>", handover.show, CLERK),
    do("post.void_handover", "/buu-dien/ban-giao/<public_id>/huy", handover.void, CLERK),
    see("post.collect", "/buu-dien/ket-qua/<public_id>/nhan", results.collect, CLERK),
    do("post.collect_post", "/buu-dien/ket-qua/<public_id>/nhan", results.collect_post, CLERK),
    see("post.papers", "/buu-dien/ho-so/<public_id>/tra-giay-to", homeward.show, CLERK),
    do("post.turn_round", "/buu-dien/ho-so/<public_id>/tra-giay-to", homeward.turn_round, CLERK),
    do(
        "post.collect_papers",
        "/buu-dien/ho-so/<public_id>/nhan-lai-giay-to",
        homeward.collect,
        CLERK,
    ),
    see("post.item", "/buu-dien/buu-gui/<public_id>", results.show, CLERKS),
    do("post.dispatch", "/buu-dien/buu-gui/<public_id>/di-phat", results.dispatch, CLERK),
    see("post.delivery", "/buu-dien/buu-gui/<public_id>/phat", results.delivery, CARRIERS),
    do("post.deliver", "/buu-dien/buu-gui/<public_id>/phat", results.deliver, CARRIERS),
    see("post.failure", "/buu-dien/buu-gui/<public_id>/khong-phat-duoc", results.failure, CARRIERS),
    do("post.fail", "/buu-dien/buu-gui/<public_id>/khong-phat-duoc", results.fail, CARRIERS),
    do("post.send_back", "/buu-dien/buu-gui/<public_id>/chuyen-hoan", results.send_back, CLERK),
    see("post.round", "/buu-dien/tuyen", courier.show, COURIER),
    ask("post.phone", "/buu-dien/tuyen/dien-thoai", courier.phone, COURIER),
    do(
        "post.pickup_collected",
        "/buu-dien/tuyen/thu-gom/<public_id>/da-nhan",
        courier.collected,
        COURIER,
    ),
    see(
        "post.pickup_missed",
        "/buu-dien/tuyen/thu-gom/<public_id>/chua-nhan",
        courier.missed,
        COURIER,
    ),
    do(
        "post.pickup_missed_post",
        "/buu-dien/tuyen/thu-gom/<public_id>/chua-nhan",
        courier.miss,
        COURIER,
    ),
    see("post.oversight", "/buu-dien/giam-sat", supervisor.show, SUPERVISOR),
    see("post.stations", "/buu-dien/may-tram", supervisor.stations_page, SUPERVISOR),
    do("post.invite_station", "/buu-dien/may-tram", supervisor.invite, SUPERVISOR),
    do(
        "post.revoke_station",
        "/buu-dien/may-tram/<public_id>/thu-hoi",
        supervisor.revoke,
        SUPERVISOR,
    ),
)

# The counter's computers. A door of our own programs on both sides, no promise to others: that will
# be /api/v1, whole and described, or not at all (docs/adr/0019).
_ORDER = "/may-quet/lenh/<public_id>"
STATIONS = (
    welcome("station.pair", "/may-quet/ghep", station.pair),
    serve("station.greet", "/may-quet/chao", station.greet),
    serve("station.order", "/may-quet/lenh", station.order, "GET"),
    serve("station.begin", f"{_ORDER}/bat-dau", station.begin),
    serve("station.page", f"{_ORDER}/trang/<int:number>", station.page),
    serve("station.end", f"{_ORDER}/ket-thuc", station.end),
)

# The agency's side of the hand-over table.
HANDOVER = (
    see("office.handovers", "/can-bo/ban-giao", handover.office_index, ONESTOP),
    see("office.handover", "/can-bo/ban-giao/<public_id>", handover.office_show, ONESTOP),
    do("office.sign_handover", "/can-bo/ban-giao/<public_id>", handover.sign, ONESTOP),
    see(
        "office.give_papers",
        "/can-bo/ho-so/<public_id>/tra-giay-to",
        homeward.at_desk,
        ONESTOP,
    ),
    do(
        "office.give_papers_post",
        "/can-bo/ho-so/<public_id>/tra-giay-to",
        homeward.give_at_desk,
        ONESTOP,
    ),
)
