// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/merge/labelledtexts.h"

#include <utility>

namespace ExporterProxy {

namespace {

using Event = ExpositionParser::Event;

/// Room for what the label usually adds.
constexpr std::size_t UsualGrowth = 2;

} // namespace

LabelledTexts::LabelledTexts(const QByteArray &label)
    : m_label(label)
{
}

const AppView &LabelledTexts::follow(const AppView &view)
{
    if (m_view.generation == view.generation)
        return m_view;
    auto oldApps = std::exchange(m_view.apps, {});
    const std::vector<MergeReport> oldReports = std::exchange(m_reports, {});
    m_view.generation = view.generation;
    m_view.apps.reserve(view.apps.size());
    auto old = oldApps.begin();
    auto oldReport = oldReports.cbegin();
    for (const auto &app : view.apps) {
        for (; old != oldApps.end() && (*old)->name < app->name; ++old)
            old->reset();
        const bool isKnown = old != oldApps.end() && (*old)->name == app->name;
        if (isKnown && (*old)->textVersion == app->textVersion) {
            m_view.apps.push_back(*old);
            while (oldReport != oldReports.cend() && oldReport->app < app->name)
                ++oldReport;
            if (oldReport != oldReports.cend() && oldReport->app == app->name)
                m_reports.push_back(*oldReport);
            continue;
        }
        if (isKnown)
            (old++)->reset(); // two writings of one text are never held at once
        auto snapshot = std::make_shared<AppSnapshot>();
        QByteArray fault;
        snapshot->name = app->name;
        snapshot->textVersion = app->textVersion;
        snapshot->revision = app->textVersion;
        snapshot->text = labelled(*app, fault);
        if (!fault.isEmpty()) {
            MergeReport &report = m_reports.emplace_back();
            report.app = app->name;
            report.fault = fault;
            report.notes << "shown without the label " + m_label + ": " + fault;
        }
        m_view.apps.push_back(std::move(snapshot));
    }
    return m_view;
}

QByteArray LabelledTexts::labelled(const AppSnapshot &app, QByteArray &fault)
{
    m_writer.begin(m_label, app.name);
    ExpositionParser parser(app.text);
    ByteBuilder text(std::size_t(app.text.size()) * UsualGrowth);
    SampleTraits traits;
    for (;;) {
        switch (parser.next()) {
        case Event::Sample:
            m_writer.write(parser, text, traits);
            break;
        case Event::Type:
        case Event::EndMarker:
        case Event::Help:
        case Event::Unit:
        case Event::Comment:
        case Event::Blank:
            text.append(bytesOf(parser.raw()));
            text.append("\n");
            break;
        case Event::End:
            return text.take();
        case Event::Fault:
            fault = parser.fault().message();
            return app.text;
        }
    }
}

} // namespace ExporterProxy
