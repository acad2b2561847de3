// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/emptypage.h"

#include "gui/model/apptexts.h"

#include <algorithm>
#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

namespace ExporterProxy::Monitor {

namespace {

/// The longest line in characters; longer ones are hard to read.
constexpr int LineWidth = 70;

/// A push to the daemon's default port, to be typed into a shell.
constexpr QLatin1StringView
    ExamplePush("printf '{\"my_app\":[\"jobs_done_total 42\"]}' | nc -N 127.0.0.1 6554");

/// Returns the first client that failed, or null.
const DaemonClient *failedClient(const Watchlist &watchlist)
{
    for (const auto &client : watchlist.clients())
        if (!client->state().reason.isEmpty())
            return client.get();
    return nullptr;
}

} // namespace

EmptyPage::EmptyPage(QWidget *parent)
    : QWidget(parent)
    , m_title(new QLabel)
    , m_explanation(new QLabel)
    , m_commandRow(new QWidget)
    , m_command(new QLineEdit)
    , m_copy(new QPushButton(tr("&Copy")))
    , m_button(new QPushButton)
{
    setBackgroundRole(QPalette::Base);
    setForegroundRole(QPalette::Text);
    setAutoFillBackground(true);
    setFocusPolicy(Qt::StrongFocus); // keeps the keyboard focus for the table
    QFont large = m_title->font();
    large.setPointSizeF(large.pointSizeF() * 1.3);
    large.setBold(true);
    m_title->setFont(large);
    m_title->setObjectName(QStringLiteral("emptyTitle"));
    m_explanation->setObjectName(QStringLiteral("emptyExplanation"));
    for (QLabel *label : {m_title, m_explanation}) {
        label->setAlignment(Qt::AlignCenter);
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText); // parts of it are foreign text
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        label->setForegroundRole(QPalette::Text);
    }
    QFont typewriter = m_command->font();
    typewriter.setFamilies({QStringLiteral("monospace")});
    typewriter.setStyleHint(QFont::Monospace);
    m_command->setFont(typewriter);
    m_command->setReadOnly(true);
    m_command->setAccessibleName(tr("Command"));
    m_button->setObjectName(QStringLiteral("emptyButton"));

    auto *commandLayout = new QHBoxLayout(m_commandRow);
    commandLayout->setContentsMargins(0, 0, 0, 0);
    commandLayout->addWidget(m_command, 1);
    commandLayout->addWidget(m_copy);
    auto *column = new QVBoxLayout;
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    column->addStretch();
    column->addWidget(m_title);
    column->addWidget(m_explanation);
    column->addWidget(m_commandRow);
    column->addWidget(m_button, 0, Qt::AlignHCenter);
    column->addStretch();
    auto *layout = new QHBoxLayout(this);
    auto *middle = new QWidget;
    middle->setLayout(column);
    layout->addStretch();
    layout->addWidget(middle, 100);
    layout->addStretch();

    connect(m_copy, &QPushButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(m_words.command); });
    connect(m_button, &QPushButton::clicked, this, &EmptyPage::buttonClicked);
}

void EmptyPage::setWords(const Words &words)
{
    if (words == m_words)
        return;
    m_words = words;
    m_title->setText(words.title);
    m_explanation->setText(words.explanation);
    m_explanation->setVisible(!words.explanation.isEmpty());
    m_command->setText(words.command);
    m_command->setCursorPosition(0);
    // The whole command must be visible before a user runs it.
    const int command = m_command->fontMetrics().horizontalAdvance(words.command + QStringLiteral("mm"));
    m_command->setMinimumWidth(command);
    m_commandRow->setVisible(!words.command.isEmpty());
    m_button->setText(words.button);
    m_button->setVisible(!words.button.isEmpty());
    m_title->parentWidget()->setMaximumWidth(
        std::max(fontMetrics().averageCharWidth() * LineWidth, m_commandRow->sizeHint().width()));
}

std::optional<EmptyReason> emptyReason(const AppFilter &filter, const Watchlist &watchlist)
{
    if (filter.rowCount() > 0)
        return {};
    if (filter.appModel().rowCount() > 0)
        return EmptyReason::NothingMatches;
    const auto &clients = watchlist.clients();
    if (clients.empty())
        return EmptyReason::NothingWatched;
    if (std::any_of(clients.begin(), clients.end(), [](const auto &client) { return client->listing(); }))
        return EmptyReason::NoApplications;
    return failedClient(watchlist) ? EmptyReason::NoAnswer : EmptyReason::Connecting;
}

EmptyPage::Words emptyWords(EmptyReason reason, const AppFilter &filter, const Watchlist &watchlist)
{
    switch (reason) {
    case EmptyReason::NothingMatches: {
        const int all = filter.appModel().rowCount();
        return {EmptyPage::tr("Nothing matches the filter"),
                all == 1 ? EmptyPage::tr("There is 1 application, and it is filtered out.")
                         : EmptyPage::tr("There are %1 applications, and all are filtered out.")
                               .arg(AppTexts::number(all)),
                {},
                EmptyPage::tr("Clear the Filter")};
    }
    case EmptyReason::NothingWatched:
        return {EmptyPage::tr("No daemon is watched"),
                EmptyPage::tr("Enter the address of an exporter-proxy above.")};
    case EmptyReason::NoApplications:
        return {EmptyPage::tr("No applications yet"),
                EmptyPage::tr("The daemon answers, and nothing has reported to it. This pushes a metric, on "
                              "the daemon’s host with its default settings:"),
                ExamplePush};
    case EmptyReason::NoAnswer: {
        const DaemonClient &client = *failedClient(watchlist);
        EmptyPage::Words words{EmptyPage::tr("Cannot reach %1").arg(client.key()),
                               client.state().reason + u'.'};
        words.explanation.front() = words.explanation.front().toUpper();
        if (client.state().kind == DaemonState::Kind::Failed)
            return words;
        words.explanation += QStringLiteral("\n\n")
            + EmptyPage::tr("Is the daemon running? What it listens on is exporter.scrape_expose_endpoint in "
                            "its configuration; a firewall in between must let that port through.");
        words.button = EmptyPage::tr("Try Now");
        return words;
    }
    case EmptyReason::Connecting:
        break;
    }
    return {EmptyPage::tr("Connecting…"), watchlist.keys().join(u'\n')};
}

} // namespace ExporterProxy::Monitor
