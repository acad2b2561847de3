// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/merge/merger.h"
#include "common/exposition/textparser.h"
#include "tests/exposition/pagetexts.h"

#include <map>
#include <QRandomGenerator>
#include <set>

// What the tests of merging share. It reads pages with the parser and with nothing else of what is tested.
namespace ExporterProxy {

inline QByteArray pageOf(Merger &merger)
{
    return textOf(merger.sections());
}

/// Ten families of an application's own; another `salt` changes a digit of each value.
inline QByteArray ownFamilies(int app, int salt)
{
    QByteArray text;
    for (int i = 0; i < 10; ++i) {
        const QByteArray name =
            "app" + QByteArray::number(app) + "_things_" + QByteArray::number(i) + "_total";
        text += "# HELP " + name + " Things of the kind.\n# TYPE " + name + " counter\n";
        for (int j = 0; j < 3; ++j)
            text += name + "{kind=\"" + QByteArray::number(j) + "\"} " + QByteArray::number(salt % 10) + '\n';
    }
    return text;
}

inline QByteArray meaningOf(QByteArrayView value)
{
    QByteArray meant;
    for (qsizetype i = 0; i < value.size(); ++i) {
        const bool escapes = value[i] == '\\' && i + 1 < value.size()
            && (value[i + 1] == 'n' || value[i + 1] == '\\' || value[i + 1] == '"');
        meant += !escapes ? value[i] : value[i + 1] == 'n' ? '\n' : value[i + 1];
        i += escapes;
    }
    return meant;
}

/// A series as the server would store it; with `label` as for a target that has this label.
inline QByteArray seriesOf(const ExpositionParser &sample, const QByteArray &label = {},
                           const QByteArray &app = {})
{
    std::map<QByteArray, QByteArray> labels;
    std::set<QByteArray> gone;
    for (const ExpositionLabel &each : sample.labels()) {
        if (each.value.isEmpty())
            gone.insert(each.name.toByteArray());
        labels[each.name.toByteArray()] = meaningOf(each.value);
    }
    for (const QByteArray &name : gone)
        labels.erase(name);
    if (!label.isEmpty()) {
        if (const auto own = labels.find(label); own != labels.end()) {
            QByteArray name = "exported_" + label;
            while (labels.contains(name))
                name.prepend("exported_");
            labels[name] = own->second;
        }
        labels[label] = app;
    }
    QByteArray series = sample.name().toByteArray();
    for (const auto &[name, value] : labels)
        series += '\xff' + name + '\xfe' + value;
    return series;
}

/// Value by series and time.
using Samples = std::map<std::pair<QByteArray, QByteArray>, QByteArray>;

/// The samples of a page; of those that are the same the first, as the server takes it.
inline Samples samplesOf(const QByteArray &page, const QByteArray &label = {}, const QByteArray &app = {})
{
    Samples samples;
    ExpositionParser parser(page);
    for (;;) {
        switch (parser.next()) {
        case ExpositionParser::Event::Sample:
            samples.try_emplace({seriesOf(parser, label, app), parser.timestamp().toByteArray()},
                                parser.value().toByteArray());
            break;
        case ExpositionParser::Event::Fault:
            return {};
        case ExpositionParser::Event::End:
            return samples;
        default:
            break;
        }
    }
}

/// What a page of all texts must hold: each series as the application has it that was updated last.
inline Samples unionOf(const AppView &view, const QByteArray &label)
{
    std::vector<const AppSnapshot *> byTime;
    for (const auto &app : view.apps)
        byTime.push_back(app.get());
    std::ranges::sort(byTime, {}, &AppSnapshot::textVersion);
    std::map<QByteArray, Samples> bySeries;
    for (const AppSnapshot *app : byTime) {
        std::map<QByteArray, Samples> own;
        for (const auto &sample : samplesOf(app->text, label, app->name))
            own[sample.first.first].insert(sample);
        for (auto &series : own)
            bySeries[series.first] = std::move(series.second);
    }
    Samples all;
    for (auto &series : bySeries)
        all.merge(series.second);
    return all;
}

/// What the strict readers (expfmt, the parser of promtool and the client libraries) would say against a
/// page that the server takes; empty: nothing.
inline QByteArray strictFault(const QByteArray &page)
{
    struct Family
    {
        QByteArray type;
        bool hasHelp = false;
    };
    std::map<QByteArray, Family> families;
    const auto familyOf = [&families](const QByteArray &name) -> QByteArray {
        if (families.contains(name))
            return name;
        for (const char *suffix : {"_count", "_sum", "_bucket"}) {
            if (!name.endsWith(suffix))
                continue;
            const QByteArray parent = name.chopped(qsizetype(qstrlen(suffix)));
            const auto found = families.find(parent);
            if (found != families.end()
                && (found->second.type == "histogram"
                    || (found->second.type == "summary"
                        && QByteArrayView(suffix) != QByteArrayView("_bucket"))))
                return parent;
        }
        families[name];
        return name;
    };
    if (!page.isEmpty() && !page.endsWith('\n'))
        return "no newline at the end";
    ExpositionParser parser(page);
    for (;;) {
        const auto event = parser.next();
        const QByteArray name = parser.name().toByteArray();
        switch (event) {
        case ExpositionParser::Event::Help: {
            Family &family = families[familyOf(name)];
            if (std::exchange(family.hasHelp, true))
                return "second HELP of " + name;
            break;
        }
        case ExpositionParser::Event::Type: {
            Family &family = families[familyOf(name)];
            if (!family.type.isEmpty())
                return "second TYPE of " + name + ", or after its samples";
            family.type = parser.text().toByteArray();
            break;
        }
        case ExpositionParser::Event::Sample: {
            Family &family = families[familyOf(name)];
            if (family.type.isEmpty())
                family.type = "untyped";
            const QByteArrayView special = family.type == "histogram" ? QByteArrayView("le")
                : family.type == "summary"                            ? QByteArrayView("quantile")
                                                                      : QByteArrayView("");
            for (const ExpositionLabel &label : parser.labels()) {
                if (label.name == special && !isSampleValue(label.value))
                    return name + " has an le or quantile that is no number";
            }
            break;
        }
        case ExpositionParser::Event::Fault:
            return parser.fault().message();
        case ExpositionParser::Event::End:
            return {};
        default:
            return "neither HELP, TYPE nor a sample";
        }
    }
}

inline QList<QByteArray> summaryOf(const std::vector<MergeReport> &reports)
{
    QList<QByteArray> lines;
    for (const MergeReport &report : reports) {
        lines << report.app + ' ' + report.fault + ' ' + QByteArray::number(qulonglong(report.hidden)) + ' '
                + QByteArray::number(qulonglong(report.types)) + ' '
                + QByteArray::number(qulonglong(report.helps));
        lines << report.notes;
    }
    return lines;
}

/// Pages that applications might send: of few names, so that they meet, and with every oddity that the server
/// takes.
class RandomPages
{
public:
    explicit RandomPages(quint32 seed)
        : m_random(seed)
    {
    }

    /// 0 to n - 1.
    int upTo(int n) { return m_random.bounded(n); }

    QByteArray page()
    {
        if (upTo(30) == 0)
            return "x 1\nx{ 2\n";
        QByteArray text;
        for (int lines = upTo(25); lines > 0; --lines)
            text += line();
        return text;
    }

private:
    QByteArray line()
    {
        static const QByteArray types[] = {"counter", "gauge", "histogram", "summary", "untyped"};
        switch (upTo(12)) {
        case 0:
            return "# HELP " + name() + " text " + QByteArray::number(upTo(3)) + (upTo(4) == 0 ? "\\x\\" : "")
                + '\n';
        case 1:
        case 2:
            return "# TYPE " + name() + ' ' + types[upTo(5)] + '\n';
        case 3:
            return upTo(2) ? "# a comment\n" : " \n";
        default:
            return name() + labels() + ' ' + QByteArray::number(upTo(1000))
                + (upTo(6) == 0 ? " " + QByteArray::number(1 + upTo(3)) : "") + '\n';
        }
    }
    QByteArray name()
    {
        static const QByteArray bases[] = {"x", "y", "x_count", "x_a", "z:z"};
        static const QByteArray suffixes[] = {"", "", "", "_count", "_sum", "_bucket", "_total"};
        return bases[upTo(5)] + suffixes[upTo(7)];
    }
    QByteArray labels()
    {
        static const QByteArray all[] = {R"(a="1")", R"(b="a\nb")", "c=\"a\nb\"",         R"(c="\q")",
                                         R"(a="")",  R"(app="q")",  R"(exported_app="r")"};
        static const QByteArray special[] = {R"(le="1")", R"(le="+Inf")", R"(quantile="0.5")"};
        std::map<QByteArray, QByteArray> chosen;
        for (int count = upTo(4); count > 0; --count) {
            const QByteArray &label = all[upTo(7)];
            chosen[label.first(label.indexOf('='))] = label;
        }
        if (upTo(4) == 0) {
            const QByteArray &label = special[upTo(3)];
            chosen[label.first(label.indexOf('='))] = label;
        }
        if (upTo(150) == 0)
            chosen["le"] = R"(le="much")";
        QList<QByteArray> list;
        for (const auto &label : chosen)
            list.insert(upTo(int(list.size()) + 1), label.second);
        return list.isEmpty() ? QByteArray() : '{' + list.join(',') + (upTo(3) == 0 ? ",}" : "}");
    }

    QRandomGenerator m_random;
};

} // namespace ExporterProxy
