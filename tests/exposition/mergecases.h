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

/// What a page of all texts must hold: each series as the application has it whose name comes first of those
/// that have it; the lines of a histogram or summary as one.
class Union
{
public:
    Union(const AppView &view, const QByteArray &label)
    {
        for (const auto &app : view.apps)
            findGroups(samplesOf(app->text).empty() ? QByteArray() : app->text);
        for (const auto &app : view.apps)
            add(*app, label);
    }

    Samples samples;

private:
    using Event = ExpositionParser::Event;

    /// The name without the end of a histogram's lines; and whether it is one of a summary's as well.
    static std::pair<QByteArray, bool> baseOf(const QByteArray &name)
    {
        for (const char *suffix : {"_count", "_sum", "_bucket"}) {
            if (name.endsWith(suffix))
                return {name.chopped(qsizetype(qstrlen(suffix))), !name.endsWith("_bucket")};
        }
        return {name, false};
    }

    void findGroups(const QByteArray &text)
    {
        std::map<QByteArray, QByteArray> types;
        std::set<QByteArray> names;
        ExpositionParser parser(text);
        for (Event event = parser.next(); event != Event::End; event = parser.next()) {
            if (event == Event::Type)
                types.try_emplace(parser.name().toByteArray(), parser.text().toByteArray());
            else if (event == Event::Sample)
                names.insert(parser.name().toByteArray());
        }
        for (const QByteArray &name : names) {
            const auto [base, isSummarys] = baseOf(name);
            const auto parent = types.find(base);
            const bool isChild = !types.contains(name) && parent != types.end()
                && (parent->second == "histogram" || (parent->second == "summary" && isSummarys));
            const auto family = isChild ? parent : types.find(name);
            if (family == types.end())
                continue;
            if (family->second == "histogram")
                m_histograms.insert(family->first);
            else if (family->second == "summary")
                m_summaries.insert(family->first);
        }
    }

    QByteArray unitOf(const ExpositionParser &sample, const QByteArray &label, const QByteArray &app) const
    {
        const QByteArray series = seriesOf(sample, label, app);
        const QByteArray name = sample.name().toByteArray();
        const auto [base, isSummarys] = baseOf(name);
        const bool hasQuantile = std::ranges::any_of(
            sample.labels(), [](const ExpositionLabel &each) { return each.name == "quantile"; });
        const bool isPart = base != name
            ? m_histograms.contains(base) || (isSummarys && m_summaries.contains(base))
            : hasQuantile && (m_histograms.contains(base) || m_summaries.contains(base));
        if (!isPart)
            return series;
        QByteArray unit = base + "\xfd";
        for (const QByteArray &part : series.split('\xff').mid(1)) {
            if (!part.startsWith("le\xfe") && !part.startsWith("quantile\xfe"))
                unit += '\xff' + part;
        }
        return unit;
    }

    void add(const AppSnapshot &app, const QByteArray &label)
    {
        if (samplesOf(app.text).empty()) // it cannot be parsed
            return;
        ExpositionParser parser(app.text);
        for (Event event = parser.next(); event != Event::End; event = parser.next()) {
            if (event == Event::Sample
                && m_owners.try_emplace(unitOf(parser, label, app.name), app.name).first->second == app.name)
                samples.try_emplace({seriesOf(parser, label, app.name), parser.timestamp().toByteArray()},
                                    parser.value().toByteArray());
        }
    }

    std::set<QByteArray> m_histograms; ///< of which some application has samples
    std::set<QByteArray> m_summaries;
    std::map<QByteArray, QByteArray> m_owners;
};

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
    QByteArray lastTyped;
    // But for a histogram that has the name of another's line, whose lines stand without a TYPE.
    const auto isOfLastType = [&](const QByteArray &name) {
        qsizetype ends = 0;
        for (QByteArray of = name; of != lastTyped; ++ends) {
            const qsizetype end = of.lastIndexOf('_');
            const QByteArray suffix = end < 0 ? QByteArray() : of.sliced(end);
            if (suffix != "_count" && suffix != "_sum" && suffix != "_bucket")
                return ends > 1;
            of.truncate(end);
        }
        return true;
    };
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
            lastTyped = name;
            break;
        }
        case ExpositionParser::Event::Sample: {
            Family &family = families[familyOf(name)];
            // Prometheus 3 takes the last TYPE line for that of the sample.
            if (!isOfLastType(name))
                return "no TYPE of " + name;
            if (family.type == "histogram" && !name.endsWith("_sum") && parser.value().startsWith('-')
                && (name.endsWith("_count") || name.endsWith("_bucket")))
                return name + " is negative";
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
            return name() + labels() + ' ' + QByteArray::number(upTo(1000) - (upTo(50) == 0 ? 500 : 0))
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
