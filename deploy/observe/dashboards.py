"""Grafana's dashboards as code: `python -m deploy.observe.dashboards` writes `dashboards/*.json` anew.

A panel is a title in both languages, what is asked of Prometheus, and its unit; where it stands follows from
its place in the list. Import the files into any Grafana; the data source is chosen there.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "dashboards"
WIDTH, HEIGHT, COLUMNS = 8, 7, 3
DATASOURCE = {"type": "prometheus", "uid": "${source}"}


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One picture; `asked` maps PromQL to the legend of its lines."""

    title: str
    asked: dict[str, str]
    unit: str = "short"
    kind: str = "timeseries"
    said: str = ""


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """One page of pictures, three in a row."""

    name: str
    title: str
    panels: Sequence[Panel]


def quantiles(family: str, by: str, match: str = "") -> dict[str, str]:
    """The median and the slowest hundredth."""
    rate = f"sum by (le, {by}) (rate({family}_bucket{{{match}}}[5m]))"
    return {
        f"histogram_quantile({share}, {rate})": f"p{share * 100:.0f} {{{{{by}}}}}" for share in (0.5, 0.99)
    }


SERVICES = 'process!="gateway"'
BADLY = 'outcome=~"defect|unavailable"'

OVERVIEW = Dashboard(
    name="overview",
    title="eISO · Tổng quan / overview",
    panels=[
        Panel(
            title="Tiến trình trả lời / processes that answer",
            asked={'up{job="eiso"}': "{{process}}"},
            kind="stat",
        ),
        Panel(
            title="Yêu cầu GraphQL mỗi giây / GraphQL requests a second",
            asked={"sum by (operation) (rate(eiso_graphql_seconds_count[5m]))": "{{operation}}"},
            unit="reqps",
        ),
        Panel(
            title="Yêu cầu GraphQL kéo dài / duration of GraphQL requests",
            asked=quantiles("eiso_graphql_seconds", "operation"),
            unit="s",
        ),
        Panel(
            title="Lệnh gọi mỗi giây / calls a second",
            asked={f"sum by (process) (rate(eiso_call_seconds_count{{{SERVICES}}}[5m]))": "{{process}}"},
            unit="reqps",
        ),
        Panel(
            title="Lệnh gọi hỏng hoặc vắng bộ phận / calls that met a defect or an outage",
            asked={
                f"sum by (process, outcome) (rate(eiso_call_seconds_count{{{BADLY}}}[5m]))": (
                    "{{process}} {{outcome}}"
                )
            },
            unit="reqps",
        ),
        Panel(
            title="Bị từ chối theo mã / refusals by code",
            asked={f"topk(10, sum by (code) (rate(eiso_refused_total{{{SERVICES}}}[5m])))": "{{code}}"},
            unit="reqps",
        ),
        Panel(
            title="Sự kiện chưa phát, tuổi / age of events not published",
            asked={"max by (process) (eiso_outbox_oldest_seconds)": "{{process}}"},
            unit="s",
        ),
        Panel(
            title="Thông điệp bị gác lại / parked messages",
            asked={'max by (queue) (eiso_queue_messages{kind="parked"}) > 0': "{{queue}}"},
        ),
        Panel(
            title="Bộ nhớ / memory",
            asked={'process_resident_memory_bytes{job="eiso"}': "{{process}}"},
            unit="bytes",
        ),
    ],
)

BUS = Dashboard(
    name="bus",
    title="eISO · Bus",
    panels=[
        Panel(
            title="Chờ trong hàng đợi / waiting in queues",
            asked={'max by (queue) (eiso_queue_messages{kind="ready"})': "{{queue}}"},
        ),
        Panel(
            title="Hàng đợi chưa cạn / queues not seen empty",
            asked={"min by (queue) (eiso_queue_not_empty_seconds)": "{{queue}}"},
            unit="s",
        ),
        Panel(
            title="Nghỉ giữa hai lần thử / resting between tries",
            asked={'max by (queue) (eiso_queue_messages{kind="retry"}) > 0': "{{queue}}"},
        ),
        Panel(
            title="Người đọc hàng đợi / readers of queues",
            asked={"max by (queue) (eiso_queue_readers)": "{{queue}}"},
        ),
        Panel(
            title="Lời gọi quá hạn trong hàng đợi mỗi giây / calls a second that expired in their queue",
            asked={"sum by (queue) (rate(eiso_calls_expired_total[5m]))": "{{queue}}"},
            unit="ops",
        ),
        Panel(
            title="Sự kiện phát mỗi giây / events published a second",
            asked={"sum by (topic, outcome) (rate(eiso_relayed_total[5m]))": "{{topic}} {{outcome}}"},
            unit="ops",
        ),
        Panel(
            title="Sự kiện chưa phát / events not published",
            asked={"max by (process) (eiso_outbox_waiting)": "{{process}}"},
        ),
        Panel(
            title="Từ lúc ghi đến lúc có tác dụng / from commit to effect",
            asked=quantiles("eiso_event_lag_seconds", "topic"),
            unit="s",
        ),
        Panel(
            title="Phản ứng với sự kiện / reactions to events",
            asked={
                "sum by (method, outcome) (rate(eiso_reaction_seconds_count[5m]))": "{{method}} {{outcome}}"
            },
            unit="ops",
        ),
        Panel(
            title="Bị gác lại theo lý do / parked by reason",
            asked={"sum by (queue, reason) (increase(eiso_parked_total[1h]))": "{{queue}} {{reason}}"},
        ),
        Panel(
            title="Đã nhớ trong hộp nhận / remembered in inboxes",
            asked={"max by (process) (eiso_inbox_rows)": "{{process}}"},
        ),
    ],
)

SERVICE = Dashboard(
    name="services",
    title="eISO · Dịch vụ / services",
    panels=[
        Panel(
            title="Lệnh gọi kéo dài / duration of calls",
            asked=quantiles("eiso_call_seconds", "method", SERVICES),
            unit="s",
        ),
        Panel(
            title="Phản ứng kéo dài / duration of reactions",
            asked=quantiles("eiso_reaction_seconds", "method"),
            unit="s",
        ),
        Panel(
            title="Việc nền kéo dài / duration of background turns",
            asked=quantiles("eiso_turn_seconds", "role"),
            unit="s",
        ),
        Panel(
            title="Việc nền thất bại / background turns that failed",
            asked={
                'sum by (process, role) (rate(eiso_turn_seconds_count{outcome="failed"}[5m]))': (
                    "{{process}} {{role}}"
                )
            },
            unit="ops",
        ),
        Panel(
            title="Kết nối cơ sở dữ liệu / database connections",
            asked={
                "eiso_database_connections_used": "{{process}}",
                "max(eiso_database_connections_most)": "nhiều nhất / most",
            },
        ),
        Panel(
            title="Bộ xử lý / processor",
            asked={'rate(process_cpu_seconds_total{job="eiso"}[5m])': "{{process}}"},
            unit="percentunit",
        ),
        Panel(
            title="Vai trò của tiến trình / roles of processes",
            asked={"sum by (service, role) (eiso_process)": "{{service}} {{role}}"},
            kind="stat",
        ),
        Panel(
            title="Lần đo thất bại / measurements that failed",
            asked={"sum by (process, what) (rate(eiso_sample_failed_total[5m]))": "{{process}} {{what}}"},
            unit="ops",
        ),
        Panel(
            title="Dấu vết gửi đi / spans told",
            asked={"sum by (process, outcome) (rate(eiso_spans_total[5m]))": "{{process}} {{outcome}}"},
            unit="ops",
        ),
    ],
)

GATEWAY = Dashboard(
    name="gateway",
    title="eISO · Cổng / gateway",
    panels=[
        Panel(
            title="Theo trạng thái / by status",
            asked={"sum by (status) (rate(eiso_graphql_seconds_count[5m]))": "{{status}}"},
            unit="reqps",
        ),
        Panel(
            title="Bị từ chối theo mã / refused, by code",
            asked={"topk(10, sum by (code) (rate(eiso_graphql_refused_total[5m])))": "{{code}}"},
            unit="reqps",
        ),
        Panel(
            title="Trường được hỏi mỗi yêu cầu / fields asked for",
            asked={
                "histogram_quantile(0.95, sum by (le) (rate(eiso_graphql_selections_bucket[5m])))": "p95",
                "histogram_quantile(0.95, sum by (le) (rate(eiso_graphql_single_calls_bucket[5m])))": (
                    "p95 lệnh gọi lẻ / single calls"
                ),
            },
        ),
        Panel(
            title="Lệnh gọi đang chờ / calls in flight",
            asked={"eiso_calls_in_flight": "{{process}}"},
        ),
        Panel(
            title="Ứng dụng kết nối; khóa, mã lạ / portals' programs; strangers' secrets",
            asked={
                "sum by (client, outcome) (rate(eiso_client_requests_total[5m]))": "{{client}} {{outcome}}",
                "sum by (kind) (rate(eiso_strangers_total[5m]))": "{{kind}}",
            },
            unit="reqps",
        ),
        Panel(
            title="WebSocket",
            asked={
                "sum(eiso_graphql_sockets)": "kết nối / sockets",
                "sum(eiso_graphql_subscriptions)": "theo dõi / subscriptions",
            },
        ),
        Panel(
            title="Nối với RabbitMQ / connected to RabbitMQ",
            asked={"eiso_broker_connected": "{{process}}"},
            kind="stat",
        ),
    ],
)

WORK = Dashboard(
    name="work",
    title="eISO · Công việc / work",
    panels=[
        Panel(
            title="Hồ sơ đang giải quyết theo cơ quan / open dossiers by agency",
            asked={'max by (agency) (eiso_agency_figure{figure="dossiers_open"})': "{{agency}}"},
            kind="bargauge",
        ),
        Panel(
            title="Hồ sơ trễ hạn theo cơ quan / overdue dossiers by agency",
            asked={'max by (agency) (eiso_agency_figure{figure="dossiers_overdue"})': "{{agency}}"},
            kind="bargauge",
        ),
        Panel(
            title="Điểm không phù hợp chưa đóng / open nonconformities",
            asked={'max by (agency) (eiso_agency_figure{figure="nonconformities_open"})': "{{agency}}"},
            kind="bargauge",
        ),
        Panel(
            title="Bản sửa đổi đang soạn, duyệt / revisions under way",
            asked={'max by (agency) (eiso_agency_figure{figure="revisions_under_way"})': "{{agency}}"},
            kind="bargauge",
        ),
        Panel(
            title="Việc đến hạn chưa làm / due work not done",
            asked={"max by (process, work) (eiso_backlog)": "{{process}} {{work}}"},
        ),
        Panel(
            title="Việc đến hạn lâu nhất / the most overdue of it",
            asked={"max by (process, work) (eiso_backlog_oldest_seconds)": "{{process}} {{work}}"},
            unit="s",
        ),
        Panel(
            title="Đã quét / done by sweeps",
            asked={"sum by (process, sweep) (rate(eiso_swept_total[5m]))": "{{process}} {{sweep}}"},
            unit="ops",
        ),
        Panel(
            title="Việc dài / jobs",
            asked={"max by (process, kind, state) (eiso_jobs)": "{{process}} {{kind}} {{state}}"},
        ),
        Panel(
            title="Việc dài đã xong bao nhiêu / progress of jobs",
            asked={
                "max by (process, kind) (eiso_job_done) / max by (process, kind) (eiso_job_total > 0)": (
                    "{{process}} {{kind}}"
                )
            },
            unit="percentunit",
        ),
        Panel(
            title="Vết chưa niêm phong / trail rows without a seal",
            asked={"max by (process) (eiso_trail_unsealed)": "{{process}}"},
        ),
        Panel(
            title="Vết niêm phong mỗi giây / trail rows sealed a second",
            asked={"sum by (process) (rate(eiso_trail_sealed_total[5m]))": "{{process}}"},
            unit="ops",
        ),
        Panel(
            title="Đĩa còn trống / disk space left",
            asked={
                "min by (mountpoint) (node_filesystem_avail_bytes / node_filesystem_size_bytes)": (
                    "{{mountpoint}}"
                )
            },
            unit="percentunit",
        ),
    ],
)

DASHBOARDS = (OVERVIEW, BUS, SERVICE, GATEWAY, WORK)


def as_json(dashboard: Dashboard) -> str:
    """The file Grafana imports."""
    written = {
        "uid": f"eiso-{dashboard.name}",
        "title": dashboard.title,
        "tags": ["eiso"],
        "timezone": "Asia/Ho_Chi_Minh",
        "schemaVersion": 39,
        "version": 1,
        "editable": False,
        "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {"list": [{"name": "source", "type": "datasource", "query": "prometheus"}]},
        "panels": list(_panels(dashboard)),
    }
    return json.dumps(written, ensure_ascii=False, indent=1) + "\n"


def _panels(dashboard: Dashboard) -> Iterator[dict[str, Any]]:
    for place, panel in enumerate(dashboard.panels):
        row, column = divmod(place, COLUMNS)
        yield {
            "id": place + 1,
            "title": panel.title,
            "description": panel.said,
            "type": panel.kind,
            "datasource": DATASOURCE,
            "gridPos": {"x": column * WIDTH, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT},
            "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
            "options": {},
            "targets": [
                {
                    "refId": chr(ord("A") + number),
                    "datasource": DATASOURCE,
                    "expr": asked,
                    "legendFormat": legend,
                }
                for number, (asked, legend) in enumerate(panel.asked.items())
            ],
        }


def main() -> None:
    """Write all files."""
    FOLDER.mkdir(exist_ok=True)
    for dashboard in DASHBOARDS:
        (FOLDER / f"{dashboard.name}.json").write_text(as_json(dashboard), "utf-8")


if __name__ == "__main__":
    main()
