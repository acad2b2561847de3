// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/details/metricsview.h"
#include "gui/icons/colors.h"
#include "gui/icons/icons.h"

#include <QPainter>
#include <QPalette>
#include <QSet>
#include <QTest>

using namespace ExporterProxy;
using namespace ExporterProxy::Monitor;

namespace {

constexpr double Readable = 4.5;

QPalette paletteOf(const QColor &ground, const QColor &other, const QColor &text)
{
    QPalette palette;
    palette.setColor(QPalette::Base, ground);
    palette.setColor(QPalette::AlternateBase, other);
    palette.setColor(QPalette::Text, text);
    return palette;
}

/// The sign's shape alone, without its colour.
QByteArray shapeOf(AppState state, int side)
{
    QImage image(side, side, QImage::Format_Grayscale8);
    image.fill(Qt::white);
    QPainter painter(&image);
    paintStateSign(painter, QRectF(0, 0, side, side), state, Qt::black, Qt::white);
    painter.end();
    QByteArray shape;
    for (int y = 0; y < side; ++y) {
        for (int x = 0; x < side; ++x)
            shape += qGray(image.pixel(x, y)) < 128 ? '#' : '.';
    }
    return shape;
}

} // namespace

class TestStateIcons : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void textInAStatesColourCanBeRead_data()
    {
        QTest::addColumn<QPalette>("palette");
        QTest::newRow("light") << paletteOf(Qt::white, QColor(0xf5, 0xf5, 0xf5), Qt::black);
        QTest::newRow("dark") << paletteOf(QColor(0x1b, 0x1e, 0x20), QColor(0x23, 0x26, 0x29), Qt::white);
        QTest::newRow("grey") << paletteOf(QColor(0x3c, 0x3c, 0x3c), QColor(0x46, 0x46, 0x46), Qt::white);
        QTest::newRow("beige") << paletteOf(QColor(0xee, 0xe8, 0xd5), QColor(0xfd, 0xf6, 0xe3), Qt::black);
    }

    void textInAStatesColourCanBeRead()
    {
        QFETCH(QPalette, palette);
        for (std::size_t i = 0; i < ListedStateCount; ++i) {
            const QColor colour = stateColor(AppState(i), palette);
            QVERIFY(contrastRatio(colour, palette.color(QPalette::Base)) >= Readable);
            QVERIFY(contrastRatio(colour, palette.color(QPalette::AlternateBase)) >= Readable);
        }
        const MetricsColors metrics(palette);
        for (const QColor &colour : metrics.tokens) {
            QVERIFY(contrastRatio(colour, metrics.ground) >= Readable);
            QVERIFY(contrastRatio(colour, metrics.currentLine) >= Readable);
            QVERIFY(contrastRatio(colour, metrics.match) >= Readable);
        }
        QVERIFY(contrastRatio(metrics.currentMatchText, metrics.currentMatch) >= Readable);
        QVERIFY(contrastRatio(metrics.marginText, metrics.margin) >= Readable);
    }

    void statesDifferInShapeAndColour()
    {
        for (const int side : {16, 22, 64}) {
            QSet<QByteArray> shapes;
            for (std::size_t i = 0; i < ListedStateCount; ++i) {
                const QByteArray shape = shapeOf(AppState(i), side);
                QVERIFY(shape.count('#') > side); // something is there
                shapes.insert(shape);
            }
            QCOMPARE(shapes.size(), qsizetype(ListedStateCount));
        }
        QSet<QRgb> colours;
        for (std::size_t i = 0; i < ListedStateCount; ++i)
            colours.insert(stateColor(AppState(i), QPalette()).rgb());
        QCOMPARE(colours.size(), qsizetype(ListedStateCount));
    }

    void iconsAreSharpAtEveryPixelRatio()
    {
        const QIcon icon = stateIcon(AppState::Failing, QPalette());
        QCOMPARE(icon.pixmap(QSize(16, 16), 1.0).size(), QSize(16, 16));
        QCOMPARE(icon.pixmap(QSize(16, 16), 2.0).size(), QSize(32, 32));
        QCOMPARE(icon.pixmap(QSize(16, 16), 2.0).devicePixelRatio(), 2.0);
        QCOMPARE(icon.pixmap(QSize(16, 16), 1.0).toImage().pixelColor(0, 0).alpha(), 0); // transparent around
    }

    void aSelectedSignHasTheSelectionsColour()
    {
        const QIcon icon = stateIcon(AppState::Expired, QPalette());
        QVERIFY(icon.pixmap(QSize(32, 32), 1.0, QIcon::Selected).toImage()
                != icon.pixmap(QSize(32, 32), 1.0, QIcon::Normal).toImage());
    }

    void theAppIconShowsABadgeForABadStateOnly()
    {
        const QPalette palette;
        const auto image = [&palette](std::optional<AppState> worst) {
            return appIcon(worst, palette).pixmap(QSize(64, 64), 1.0).toImage();
        };
        QVERIFY(!image(std::nullopt).isNull());
        QCOMPARE(image(AppState::Fresh), image(std::nullopt));
        QVERIFY(image(AppState::Late) != image(std::nullopt));
        QVERIFY(image(AppState::Failing) != image(AppState::Late));
        QVERIFY(appIcon(std::nullopt, palette).availableSizes().contains(QSize(16, 16)));
    }

    void worseIsMoreSevere()
    {
        QCOMPARE(severity(AppState::Fresh), 0);
        QVERIFY(severity(AppState::Fresh) < severity(AppState::Unknown));
        QVERIFY(severity(AppState::Unknown) < severity(AppState::Late));
        QVERIFY(severity(AppState::Late) < severity(AppState::Stale));
        QVERIFY(severity(AppState::Stale) < severity(AppState::Failing));
    }
};

QTEST_MAIN(TestStateIcons)
#include "tst_stateicons.moc"
