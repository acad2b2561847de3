// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/connectionbar.h"

#include "gui/icons/colors.h"
#include "gui/model/apptexts.h"
#include "gui/window/daemonstrip.h"
#include "gui/window/narrowwindow.h"

#include <algorithm>
#include <QActionGroup>
#include <QComboBox>
#include <QCompleter>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>

namespace ExporterProxy::Monitor {

namespace {

using namespace std::chrono_literals;

constexpr std::array<std::chrono::milliseconds, 6> Intervals = {1s, 2s, 5s, 10s, 30s, 60s};

} // namespace

ConnectionBar::ConnectionBar(Watchlist &watchlist, MonitorSettings &settings, QWidget *parent)
    : QWidget(parent)
    , m_watchlist(watchlist)
    , m_settings(settings)
    , m_stripsLayout(new QVBoxLayout)
    , m_noDaemon(new QLabel(tr("No daemon is watched")))
    , m_interval(new QPushButton)
    , m_add(new QPushButton)
    , m_intervalMenu(new QMenu(tr("&Refresh"), this))
{
    m_add->setObjectName(QStringLiteral("addButton"));
    m_add->setText(tr("Add daemon…"));
    m_add->setFocusPolicy(Qt::TabFocus);
    m_add->setToolTip(tr("Watch another daemon (%1)")
                          .arg(QKeySequence(Qt::CTRL | Qt::Key_L).toString(QKeySequence::NativeText)));
    connect(m_add, &QPushButton::clicked, this, &ConnectionBar::askForAddress);
    makeIntervalMenu();

    m_stripsLayout->setContentsMargins(0, 0, 0, 0);
    m_stripsLayout->setSpacing(2);
    m_stripsLayout->addWidget(m_noDaemon);
    auto *row = new QHBoxLayout;
    row->setContentsMargins(0, 0, 0, 0);
    row->addLayout(m_stripsLayout, 1);
    row->addWidget(m_interval, 0, Qt::AlignTop);
    row->addWidget(m_add, 0, Qt::AlignTop);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addLayout(row);
    m_addressRow = makeAddressRow();
    layout->addWidget(m_addressRow);

    connect(&m_watchlist, &Watchlist::added, this, &ConnectionBar::addStrip);
    connect(&m_watchlist, &Watchlist::removed, this, &ConnectionBar::removeStrip);
    for (const auto &client : m_watchlist.clients())
        addStrip(client.get());
}

QWidget *ConnectionBar::makeAddressRow()
{
    auto *row = new QWidget;
    m_address = new QComboBox;
    m_address->setObjectName(QStringLiteral("addressBox"));
    m_address->setEditable(true);
    m_address->setInsertPolicy(QComboBox::NoInsert);
    m_address->setMinimumContentsLength(28);
    m_address->lineEdit()->setPlaceholderText(QStringLiteral("http://127.0.0.1:6555"));
    m_address->completer()->setCompletionMode(QCompleter::PopupCompletion);
    m_address->completer()->setFilterMode(Qt::MatchContains);
    m_address->installEventFilter(this);
    auto *label = new QLabel(tr("A&ddress:"));
    label->setBuddy(m_address);
    auto *watchButton = new QPushButton(tr("&Watch"));
    watchButton->setObjectName(QStringLiteral("watchButton"));
    auto *forgetButton = new QPushButton(tr("F&orget"));
    forgetButton->setToolTip(tr("Takes the address off the list of those known"));
    m_fault = new QLabel;
    m_fault->setObjectName(QStringLiteral("addressFault"));
    m_fault->setTextFormat(Qt::PlainText);
    m_fault->setWordWrap(true);
    m_fault->hide();

    auto *fields = new FlowLayout;
    fields->setContentsMargins(0, 0, 0, 0);
    fields->setSpacing(4);
    for (QWidget *widget : std::initializer_list<QWidget *>{label, m_address, watchButton, forgetButton})
        fields->addWidget(widget);
    fields->setStretching(1);
    auto *layout = new QVBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(fields);
    layout->addWidget(m_fault);

    const auto watchTyped = [this] {
        if (watch(m_address->currentText()))
            closeAddressRow();
    };
    connect(watchButton, &QPushButton::clicked, this, watchTyped);
    connect(m_address->lineEdit(), &QLineEdit::returnPressed, this, watchTyped);
    connect(forgetButton, &QPushButton::clicked, this, &ConnectionBar::forgetAddress);
    connect(m_address, &QComboBox::editTextChanged, m_fault, &QWidget::hide);
    fillAddresses();
    return row;
}

void ConnectionBar::makeIntervalMenu()
{
    m_intervals = new QActionGroup(this);
    for (const auto interval : Intervals) {
        //: %1: a duration, "5 s"
        QAction *action = m_intervalMenu->addAction(tr("Every %1").arg(AppTexts::duration(interval)));
        action->setCheckable(true);
        action->setData(int(interval.count()));
        m_intervals->addAction(action);
        connect(action, &QAction::triggered, this, [this, interval] { setInterval(interval); });
    }
    m_intervalMenu->addSeparator();
    m_pause = m_intervalMenu->addAction(tr("&Pause"));
    m_pause->setCheckable(true);
    m_pause->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_P));
    connect(m_pause, &QAction::toggled, this, [this](bool paused) {
        m_watchlist.setPaused(paused);
        updateIntervalButton();
    });
    m_interval->setObjectName(QStringLiteral("intervalButton"));
    m_interval->setMenu(m_intervalMenu);
    m_interval->setFocusPolicy(Qt::TabFocus);
    m_interval->setToolTip(tr("How often the daemons are asked"));
    updateIntervalButton();
}

void ConnectionBar::setInterval(std::chrono::milliseconds interval)
{
    m_watchlist.setInterval(interval);
    m_settings.setRefreshInterval(interval);
    m_pause->setChecked(false);
    updateIntervalButton();
}

void ConnectionBar::updateIntervalButton()
{
    for (QAction *action : m_intervals->actions())
        action->setChecked(!m_watchlist.isPaused()
                           && action->data().toInt() == int(m_watchlist.interval().count()));
    m_interval->setText(m_watchlist.isPaused()
                            ? tr("Paused")
                            : tr("Every %1").arg(AppTexts::duration(m_watchlist.interval())));
}

void ConnectionBar::addStrip(DaemonClient *client)
{
    auto *strip = new DaemonStrip(*client);
    m_strips.push_back(strip);
    m_stripsLayout->addWidget(strip);
    connect(strip, &DaemonStrip::removeWanted, &m_watchlist, &Watchlist::remove);
    m_noDaemon->hide();
    m_addressRow->hide();
    updateIntervalButton();
}

void ConnectionBar::removeStrip(const QString &key)
{
    const auto found = std::ranges::find(m_strips, key, &DaemonStrip::key);
    if (found == m_strips.end())
        return;
    DaemonStrip *strip = *found;
    m_strips.erase(found);
    // The strip may be in the signal of its own button.
    strip->hide();
    strip->deleteLater();
    if (m_strips.empty()) {
        m_noDaemon->show();
        askForAddress();
    }
}

void ConnectionBar::askForAddress()
{
    fillAddresses();
    m_addressRow->show();
    m_address->setFocus(Qt::ShortcutFocusReason);
    m_address->lineEdit()->selectAll();
}

bool ConnectionBar::watch(const QString &text)
{
    const auto address = DaemonAddress::parse(text);
    if (!address) {
        QPalette colors = palette();
        colors.setColor(QPalette::WindowText,
                        stateColor(AppState::Failing, paletteOn(QPalette::Window, palette())));
        m_fault->setPalette(colors);
        m_fault->setText(address.error());
        m_fault->show();
        m_addressRow->show();
        return false;
    }
    m_settings.rememberAddress(address.value().key());
    m_watchlist.watch(address.value());
    return true;
}

void ConnectionBar::closeAddressRow()
{
    m_fault->hide();
    // Stays open without a daemon, because there is nothing else to do.
    if (!m_strips.empty())
        m_addressRow->hide();
}

void ConnectionBar::fillAddresses()
{
    m_address->clear();
    m_address->addItems(m_settings.addresses());
    m_address->setCurrentIndex(-1);
}

void ConnectionBar::forgetAddress()
{
    if (const auto address = DaemonAddress::parse(m_address->currentText()))
        m_settings.forgetAddress(address.value().key());
    fillAddresses();
}

void ConnectionBar::updateWords()
{
    for (DaemonStrip *strip : m_strips)
        strip->updateWords();
}

bool ConnectionBar::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_address && event->type() == QEvent::KeyPress
        && static_cast<QKeyEvent *>(event)->key() == Qt::Key_Escape) {
        closeAddressRow();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace ExporterProxy::Monitor
