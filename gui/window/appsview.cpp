// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/appsview.h"

#include "gui/model/apptexts.h"
#include "gui/window/celldelegate.h"

#include <algorithm>
#include <QContextMenuEvent>
#include <QDataStream>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QScrollBar>
#include <utility>

namespace ExporterProxy::Monitor {

namespace {

/// Precedes a saved state of the columns. To be incremented when an older saved state would do harm.
constexpr quint32 ColumnStateVersion = 1;

} // namespace

AppsView::AppsView(AppFilter &filter, QWidget *parent)
    : QTreeView(parent)
    , m_filter(filter)
{
    setObjectName(QStringLiteral("appsView"));
    setAccessibleName(tr("Applications"));
    setModel(&filter);
    setRootIsDecorated(false);
    setItemsExpandable(false);
    setUniformRowHeights(true); // otherwise every refresh would measure ten thousand rows
    setAllColumnsShowFocus(true);
    setAlternatingRowColors(true);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setItemDelegate(new CellDelegate(this));
    setItemDelegateForColumn(int(AppColumn::Application), new NameDelegate(this));
    setItemDelegateForColumn(int(AppColumn::State), new StateDelegate(this));
    setItemDelegateForColumn(int(AppColumn::History), new HistoryDelegate(filter, this));
    setUpColumns();
    m_hold = new RowHold(*viewport(), filter, this);

    connect(this, &QAbstractItemView::doubleClicked, this, &AppsView::detailsWanted);
    connect(&filter, &QAbstractItemModel::rowsAboutToBeInserted, this, &AppsView::keepPlace);
    connect(&filter, &QAbstractItemModel::layoutAboutToBeChanged, this,
            [this](const QList<QPersistentModelIndex> &, QAbstractItemModel::LayoutChangeHint hint) {
                // Many rows have come or gone at once. If the rows were only sorted, the view stays at the
                // same part of the table.
                if (hint == QAbstractItemModel::NoLayoutChangeHint)
                    keepPlace();
            });
    connect(&filter.appModel(), &AppTableModel::updateEnded, this, &AppsView::currentAppChanged);
}

void AppsView::setUpColumns()
{
    QHeaderView &columns = *header();
    columns.setSectionsMovable(true);
    columns.setFirstSectionMovable(true);
    columns.setStretchLastSection(true);
    columns.setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    columns.setMinimumSectionSize(fontMetrics().averageCharWidth() * 4);
    columns.setContextMenuPolicy(Qt::CustomContextMenu);
    columns.setAccessibleName(tr("Columns"));
    connect(&columns, &QHeaderView::customContextMenuRequested, this, [this](const QPoint &position) {
        QMenu menu;
        fillColumnMenu(menu);
        execMenu(menu, header()->mapToGlobal(position));
    });
    setSortingEnabled(true);
    resetColumns();
}

void AppsView::resetColumns()
{
    for (int column = 0; column < AppColumnCount; ++column) {
        header()->moveSection(header()->visualIndex(column), column);
        header()->resizeSection(column, firstWidth(AppColumn(column)));
        setColumnHidden(column, false);
    }
    m_daemonColumnWanted = true;
    setDaemonColumnUseful(m_daemonColumnUseful);
    // Problems are on top.
    sortByColumn(int(AppColumn::State), Qt::DescendingOrder);
}

int AppsView::firstWidth(AppColumn column) const
{
    const int character = fontMetrics().averageCharWidth();
    // Titles and states are longer in some languages. Each title has room for the arrow of sorting.
    int width = std::max(character * columnInfo(column).characters,
                         fontMetrics().horizontalAdvance(columnInfo(column).title()) + character * 4);
    if (column == AppColumn::State) {
        for (std::size_t i = 0; i < AppStateCount; ++i)
            width = std::max(width,
                             fontMetrics().horizontalAdvance(AppTexts::state(AppState(i)))
                                 + fontMetrics().height() + character * 3);
    }
    return width;
}

QByteArray AppsView::columnState() const
{
    QByteArray state;
    QDataStream stream(&state, QIODevice::WriteOnly);
    stream.setVersion(QDataStream::Qt_6_4);
    stream << ColumnStateVersion << AppColumnCount << m_daemonColumnWanted << header()->saveState();
    return state;
}

bool AppsView::restoreColumnState(const QByteArray &state)
{
    QDataStream stream(state);
    stream.setVersion(QDataStream::Qt_6_4);
    quint32 version = 0;
    int columns = 0;
    bool daemonColumnWanted = true;
    QByteArray headerState;
    stream >> version >> columns >> daemonColumnWanted >> headerState;
    if (stream.status() != QDataStream::Ok || version != ColumnStateVersion || columns != AppColumnCount
        || !header()->restoreState(headerState))
        return false;
    m_daemonColumnWanted = daemonColumnWanted;
    setDaemonColumnUseful(m_daemonColumnUseful);
    setColumnHidden(int(AppColumn::Application), false);
    sortByColumn(header()->sortIndicatorSection(), header()->sortIndicatorOrder());
    return true;
}

void AppsView::setDaemonColumnUseful(bool useful)
{
    m_daemonColumnUseful = useful;
    setColumnHidden(int(AppColumn::Daemon), !useful || !m_daemonColumnWanted);
}

void AppsView::setColumnShown(AppColumn column, bool shown)
{
    if (column == AppColumn::Daemon)
        m_daemonColumnWanted = shown;
    setColumnHidden(int(column), !shown);
    // A column that was hidden before it had a size would have no width, and the user could not find it.
    if (shown && columnWidth(int(column)) < header()->minimumSectionSize())
        setColumnWidth(int(column), firstWidth(column));
}

void AppsView::fillColumnMenu(QMenu &menu)
{
    for (int visual = 0; visual < header()->count(); ++visual) {
        const auto column = AppColumn(header()->logicalIndex(visual));
        if (column == AppColumn::Application || (column == AppColumn::Daemon && !m_daemonColumnUseful))
            continue;
        QAction *action = menu.addAction(columnInfo(column).title());
        action->setCheckable(true);
        action->setChecked(!isColumnHidden(int(column)));
        action->setToolTip(columnInfo(column).meaning());
        connect(action, &QAction::toggled, this,
                [this, column](bool shown) { setColumnShown(column, shown); });
    }
    menu.addSeparator();
    connect(menu.addAction(tr("&Fit All Columns to Their Contents")), &QAction::triggered, this, [this] {
        for (int column = 0; column < AppColumnCount; ++column)
            resizeColumnToContents(column);
    });
    connect(menu.addAction(tr("&Reset Columns")), &QAction::triggered, this, &AppsView::resetColumns);
}

void AppsView::tick()
{
    const QRect area = viewport()->rect();
    const QModelIndex first = indexAt(area.topLeft());
    if (!first.isValid())
        return;
    const QModelIndex last = indexAt(area.bottomLeft());
    const int lastRow = last.isValid() ? last.row() : m_filter.rowCount() - 1;
    m_filter.tick(first.row(), lastRow);
}

QList<int> AppsView::selectedSourceRows() const
{
    QList<int> shown;
    for (const QModelIndex &index : selectionModel()->selectedRows())
        shown << index.row();
    std::sort(shown.begin(), shown.end());
    for (int &row : shown)
        row = m_filter.sourceRow(row);
    return shown;
}

int AppsView::currentSourceRow() const
{
    return currentIndex().isValid() ? m_filter.sourceRow(currentIndex().row()) : -1;
}

bool AppsView::selectApp(const QString &daemon, const QString &name)
{
    const QModelIndex index = m_filter.mapFromSource(m_filter.appModel().find(daemon, name));
    if (!index.isValid())
        return false;
    setCurrentIndex(index);
    scrollTo(index);
    return true;
}

void AppsView::execMenu(QMenu &menu, const QPoint &globalPosition)
{
    m_hold->setMenuOpen(true);
    menu.exec(globalPosition);
    m_hold->setMenuOpen(false);
}

void AppsView::keyboardSearch(const QString &search)
{
    // Typing searches for a name, whatever column was clicked last.
    const int row = std::max(0, currentIndex().row());
    selectionModel()->setCurrentIndex(m_filter.index(row, int(AppColumn::Application)),
                                      QItemSelectionModel::NoUpdate);
    QTreeView::keyboardSearch(search);
}

void AppsView::currentChanged(const QModelIndex &current, const QModelIndex &previous)
{
    QTreeView::currentChanged(current, previous);
    if (current.row() != previous.row() || !current.isValid())
        Q_EMIT currentAppChanged();
}

void AppsView::contextMenuEvent(QContextMenuEvent *event)
{
    QPoint position = event->globalPos();
    if (event->reason() == QContextMenuEvent::Keyboard && currentIndex().isValid()) {
        const QRect row = visualRect(currentIndex());
        position = viewport()->mapToGlobal(QPoint(std::max(0, row.left()) + 20, row.bottom()));
    }
    Q_EMIT menuWanted(position);
}

void AppsView::keyPressEvent(QKeyEvent *event)
{
    const bool isEnter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (isEnter && !(event->modifiers() & (Qt::ControlModifier | Qt::AltModifier))
        && currentIndex().isValid())
        Q_EMIT detailsWanted();
    else
        QTreeView::keyPressEvent(event);
}

void AppsView::rowsInserted(const QModelIndex &parent, int start, int end)
{
    const bool wasEmpty = m_filter.rowCount() == end - start + 1;
    QTreeView::rowsInserted(parent, start, end);
    if (wasEmpty)
        applyRowHeight();
}

void AppsView::changeEvent(QEvent *event)
{
    QTreeView::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        applyRowHeight();
}

void AppsView::applyRowHeight()
{
    verticalScrollBar()->setSingleStep(std::max(1, sizeHintForRow(0)));
}

void AppsView::rowsAboutToBeRemoved(const QModelIndex &parent, int start, int end)
{
    keepPlace(); // before the base class forgets which rows are where
    QTreeView::rowsAboutToBeRemoved(parent, start, end);
}

void AppsView::keepPlace()
{
    // At the very top, new rows are to be visible. Of several changes of rows the first one counts.
    if (!m_seen.empty() || verticalScrollBar()->value() == 0)
        return;
    for (QModelIndex row = indexAt(QPoint(0, 0)); row.isValid(); row = indexBelow(row)) {
        const int top = visualRect(row).top();
        if (top >= viewport()->height())
            break;
        m_seen.push_back({row, top});
    }
    // Queued, so that it runs once after all changes of an update and before the next painting.
    if (!m_seen.empty())
        QMetaObject::invokeMethod(this, &AppsView::restorePlace, Qt::QueuedConnection);
}

void AppsView::restorePlace()
{
    const std::vector<SeenRow> seen = std::exchange(m_seen, {});
    const auto kept =
        std::find_if(seen.begin(), seen.end(), [](const SeenRow &row) { return row.index.isValid(); });
    if (kept == seen.end())
        return;
    executeDelayedItemsLayout();
    verticalScrollBar()->setValue(verticalScrollBar()->value() + visualRect(kept->index).top() - kept->top);
}

RowHold::RowHold(QWidget &viewport, AppFilter &filter, QObject *parent)
    : QObject(parent)
    , m_filter(&filter)
{
    m_rest.setSingleShot(true);
    m_rest.setInterval(RestTime);
    connect(&m_rest, &QTimer::timeout, this, &RowHold::update);
    viewport.setMouseTracking(true);
    viewport.installEventFilter(this);
}

void RowHold::setMenuOpen(bool open)
{
    m_menuOpen = open;
    update();
}

bool RowHold::eventFilter(QObject *watched, QEvent *event)
{
    switch (event->type()) {
    case QEvent::MouseMove:
    case QEvent::Wheel:
        m_rest.start();
        break;
    case QEvent::MouseButtonPress:
    case QEvent::MouseButtonDblClick:
        m_pressed = true;
        m_rest.start();
        break;
    case QEvent::MouseButtonRelease:
        m_pressed = static_cast<QMouseEvent *>(event)->buttons() != Qt::NoButton;
        m_rest.start();
        break;
    case QEvent::Leave:
    case QEvent::Hide:
        // A menu that opens over the viewport makes the mouse leave it, and gets the release of the button.
        m_pressed = false;
        m_rest.stop();
        break;
    default:
        return QObject::eventFilter(watched, event);
    }
    update();
    return QObject::eventFilter(watched, event);
}

void RowHold::update()
{
    if (m_filter)
        m_filter->setFrozen(m_pressed || m_menuOpen || m_rest.isActive());
}

} // namespace ExporterProxy::Monitor
