// The Prometheus text format (exposition format 0.0.4), as node_exporter's textfile collector reads it.
#include <fmt/format.h>

#include <functional>
#include <set>
#include <string_view>
#include <vector>

#include "evidence/documents.hpp"
#include "hsmreq/names.hpp"

namespace hsmreq::evidence {
namespace {

using Labels = std::vector<std::pair<std::string_view, std::string>>;

std::string escaped(std::string_view value) {
    std::string text;
    for (const char c : value) {
        if (c == '\\' || c == '"') text += '\\';
        text += c == '\n' ? "\\n" : std::string(1, c);
    }
    return text;
}

/// One metric: its head, and each series once whatever it is asked to add.
class Metric {
public:
    Metric(std::string_view name, std::string_view help)
        : name_(name), text_(fmt::format("# HELP {0} {1}\n# TYPE {0} gauge\n", name, help)) {}

    void add(const Labels& labels, std::int64_t value) {
        std::string series;
        for (const auto& [label, content] : labels)
            series += fmt::format("{}{}=\"{}\"", series.empty() ? "" : ",", label, escaped(content));
        if (!seen_.insert(series).second) return;
        text_ += fmt::format("{}{{{}}} {}\n", name_, series, value);
    }
    [[nodiscard]] std::string text() const { return seen_.empty() ? "" : text_; }

private:
    std::string_view name_;
    std::string text_;
    std::set<std::string> seen_;
};

std::int64_t seconds(std::chrono::sys_seconds time) {
    return time.time_since_epoch().count();
}

/// The member whose token it is: a shared key and its copies are told apart by it.
Labels labels_of(const StatusSummary& summary, const StatusItem& item) {
    return {{"farm", summary.farm}, {"request", item.request}, {"member", item.token_member}};
}

std::string per_certificate(const StatusSummary& summary, Metric metric,
                            const std::function<std::int64_t(const StatusCertificate&)>& value) {
    for (const auto& item : summary.items)
        for (const auto& generation : item.generations) {
            const StatusCertificate* certificate = generation.certificate();
            if (certificate == nullptr) continue;
            Labels labels = labels_of(summary, item);
            labels.emplace_back("generation", std::to_string(generation.generation));
            metric.add(labels, value(*certificate));
        }
    return metric.text();
}

std::string per_item(const StatusSummary& summary, Metric metric,
                     const std::function<std::int64_t(const StatusItem&)>& value) {
    for (const auto& item : summary.items) metric.add(labels_of(summary, item), value(item));
    return metric.text();
}

std::string states(const StatusSummary& summary) {
    Metric metric("hsmreq_item_state", "1 for the state that the item is in, 0 for the others.");
    for (const auto& item : summary.items)
        for (const auto& row : named<StatusState>) {
            Labels labels = labels_of(summary, item);
            labels.emplace_back("state", std::string(row.name));
            metric.add(labels, item.state == row.value ? 1 : 0);
        }
    return metric.text();
}

std::string last_run(const StatusSummary& summary, std::chrono::sys_seconds now) {
    Metric metric("hsmreq_status_timestamp_seconds", "When this was written, in seconds since 1970.");
    metric.add({{"farm", summary.farm}}, seconds(now));
    return metric.text();
}

}  // namespace

std::string status_metrics(const StatusSummary& summary, std::chrono::sys_seconds now) {
    return per_certificate(summary,
                           Metric("hsmreq_certificate_not_after_timestamp_seconds",
                                  "When the generation's certificate ends, in seconds since 1970."),
                           [](const auto& one) { return seconds(one.not_after); }) +
           per_certificate(summary,
                           Metric("hsmreq_certificate_not_before_timestamp_seconds",
                                  "When the generation's certificate begins, in seconds since 1970."),
                           [](const auto& one) { return seconds(one.not_before); }) +
           per_item(summary,
                    Metric("hsmreq_certificate_missing_names",
                           "Names that the farm file wants and the certificate in service lacks."),
                    [](const auto& item) { return static_cast<std::int64_t>(item.missing_names.size()); }) +
           per_item(summary, Metric("hsmreq_renewal_due", "1 when a renewal is to be begun."),
                    [](const auto& item) { return item.due ? 1 : 0; }) +
           states(summary) +
           per_item(summary, Metric("hsmreq_token_error", "1 when the token could not be read."),
                    [](const auto& item) { return item.error ? 1 : 0; }) +
           last_run(summary, now);
}

}  // namespace hsmreq::evidence
