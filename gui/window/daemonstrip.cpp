// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/daemonstrip.h"

#include "common/util/showntext.h"
#include "gui/icons/colors.h"
#include "gui/icons/icons.h"
#include "gui/model/apptexts.h"
#include "gui/window/narrowwindow.h"

#include <algorithm>
#include <QEvent>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QToolButton>

namespace ExporterProxy::Monitor {

namespace {

using namespace std::chrono_literals;

/// Uses the marks of the states of applications, because users know them.
AppState markOf(DaemonState::Kind kind)
{
    switch (kind) {
    case DaemonState::Kind::Connected:
        return AppState::Fresh;
    case DaemonState::Kind::Connecting:
        return AppState::Stale;
    case DaemonState::Kind::Waiting:
        return AppState::Failing;
    case DaemonState::Kind::Failed:
        return AppState::Rejected;
    case DaemonState::Kind::Stopped:
        break;
    }
    return AppState::Expired;
}

} // namespace

QString connectionWords(const DaemonState &state, std::chrono::milliseconds interval)
{
    using Kind = DaemonState::Kind;
    QStringList parts;
    if (state.kind != Kind::Stopped && state.kind != Kind::Connected && !state.reason.isEmpty())
        parts << state.reason;
    if (state.kind == Kind::Stopped) {
        parts << DaemonStrip::tr("paused");
    } else if (state.kind == Kind::Connecting) {
        parts << (state.failures > 0 ? DaemonStrip::tr("trying again…") : DaemonStrip::tr("connecting…"));
    } else if (state.kind == Kind::Connected) {
        parts << DaemonStrip::tr("connected");
    } else if (state.kind == Kind::Waiting) {
        const auto left = std::chrono::ceil<std::chrono::seconds>(state.retryAt - BootClock::now());
        parts << DaemonStrip::tr("trying again in %1").arg(AppTexts::duration(std::max(left, 0s)));
    }
    QString line = parts.join(QStringLiteral(" – "));
    const auto silence =
        std::chrono::duration_cast<std::chrono::milliseconds>(wallClock() - state.lastAnswer);
    // The age of an answer that came in time is noise.
    const bool isWorthSaying = state.kind != Kind::Connected || silence > 2 * interval + 2s;
    if (state.lastAnswer != Never && isWorthSaying)
        line += DaemonStrip::tr(" · last answer %1").arg(AppTexts::age(std::max(silence, 0ms)));
    return line;
}

DaemonStrip::DaemonStrip(DaemonClient &client, QWidget *parent)
    : QWidget(parent)
    , m_client(client)
    , m_key(client.key())
    , m_mark(new QLabel)
    , m_words(new ElidedLabel)
    , m_retry(new QToolButton)
{
    auto *address = new QLabel(client.address().shortName());
    address->setTextFormat(Qt::PlainText);
    address->setTextInteractionFlags(Qt::TextSelectableByMouse);
    address->setToolTip(m_key);
    QFont bold = address->font();
    bold.setBold(true);
    address->setFont(bold);
    m_words->setObjectName(QStringLiteral("connectionWords"));
    m_retry->setObjectName(QStringLiteral("retryButton"));
    m_retry->setText(tr("Try now"));
    m_retry->setFocusPolicy(Qt::TabFocus);
    connect(m_retry, &QToolButton::clicked, &client, &DaemonClient::refreshNow);
    auto *remove = new QToolButton;
    remove->setObjectName(QStringLiteral("removeButton"));
    remove->setText(QStringLiteral("✕"));
    remove->setAutoRaise(true);
    remove->setFocusPolicy(Qt::TabFocus);
    //: %1: the address of a daemon
    remove->setToolTip(tr("Stop watching %1").arg(client.address().shortName()));
    remove->setAccessibleName(remove->toolTip());
    connect(remove, &QToolButton::clicked, this, [this] { Q_EMIT removeWanted(m_key); });

    auto *row = new QHBoxLayout;
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_mark);
    row->addWidget(address);
    row->addWidget(m_words, 1);
    row->addWidget(m_retry);
    row->addWidget(remove);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    layout->addLayout(row);
    m_credentials = makeCredentialsRow();
    m_credentials->hide();
    layout->addWidget(m_credentials);

    connect(&client, &DaemonClient::stateChanged, this, [this] {
        // Signed in, or the daemon no longer requires it.
        if (m_client.state().isCurrent())
            m_credentials->hide();
        updateMark();
        updateWords();
    });
    connect(&client, &DaemonClient::credentialsWanted, this, &DaemonStrip::askForCredentials);
    updateMark();
    updateWords();
}

QWidget *DaemonStrip::makeCredentialsRow()
{
    auto *row = new QWidget;
    row->setObjectName(QStringLiteral("credentialsRow"));
    m_realm = new QLabel;
    m_realm->setTextFormat(Qt::PlainText);
    m_user = new QLineEdit;
    m_user->setObjectName(QStringLiteral("userEdit"));
    m_user->setAccessibleName(tr("User name"));
    m_user->setPlaceholderText(tr("User name"));
    m_password = new QLineEdit;
    m_password->setObjectName(QStringLiteral("passwordEdit"));
    m_password->setAccessibleName(tr("Password"));
    m_password->setPlaceholderText(tr("Password"));
    m_password->setEchoMode(QLineEdit::Password);
    auto *button = new QToolButton;
    button->setObjectName(QStringLiteral("signInButton"));
    button->setText(tr("Sign in"));
    button->setFocusPolicy(Qt::StrongFocus);
    auto *layout = new FlowLayout(row);
    layout->setContentsMargins(0, 0, 0, 2);
    layout->setSpacing(4);
    for (QWidget *widget : std::initializer_list<QWidget *>{m_realm, m_user, m_password, button})
        layout->addWidget(widget);
    connect(m_user, &QLineEdit::returnPressed, m_password, qOverload<>(&QWidget::setFocus));
    connect(m_password, &QLineEdit::returnPressed, this, &DaemonStrip::signIn);
    connect(button, &QToolButton::clicked, this, &DaemonStrip::signIn);
    return row;
}

void DaemonStrip::askForCredentials(const QString &realm)
{
    QString question = realm.isEmpty()
        ? tr("This daemon wants a user name and a password.")
        //: %1: the name that a server gave to what it guards
        : tr("“%1” wants a user name and a password.").arg(escapedLine(realm).left(60));
    if (m_client.address().base().scheme() == QStringLiteral("http"))
        question += u' ' + tr("They will travel unencrypted.");
    m_realm->setText(question);
    m_password->clear();
    m_credentials->show();
}

void DaemonStrip::signIn()
{
    if (m_user->text().isEmpty())
        return m_user->setFocus();
    m_credentials->hide();
    m_client.setCredentials(m_user->text(), m_password->text());
    m_password->clear();
}

void DaemonStrip::updateMark()
{
    const int side = fontMetrics().height();
    m_mark->setPixmap(stateIcon(markOf(m_client.state().kind), paletteOn(QPalette::Window, palette()))
                          .pixmap(QSize(side, side), devicePixelRatio()));
    const auto kind = m_client.state().kind;
    m_retry->setVisible(kind != DaemonState::Kind::Connected && kind != DaemonState::Kind::Stopped);
}

void DaemonStrip::updateWords()
{
    m_words->setFullText(connectionWords(m_client.state(), m_client.interval()));
}

void DaemonStrip::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        updateMark();
    QWidget::changeEvent(event);
}

} // namespace ExporterProxy::Monitor
