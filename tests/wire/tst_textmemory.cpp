// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/model/appmodel.h"
#include "common/util/bodybuffer.h"
#include "common/wire/pushdecoder.h"
#include "daemon/process/processlimits.h"
#include "tests/memory.h"

#include <functional>
#include <QRandomGenerator>
#include <QTest>

using namespace ExporterProxy;

namespace {

constexpr int Apps = 1000;
constexpr qsizetype TextSize = 100'000;
/// The allocator's headers and what lies free between two texts.
constexpr double MostForEachByte = 1.35;

/// Lines as exporters write them, of exactly `size` bytes.
QByteArray metricsText(qsizetype size)
{
    QByteArray text =
        QByteArray("requests_total{method=\"get\",code=\"200\"} 12345\n").repeated(size / 40 + 1);
    text.truncate(size - 1);
    return text += '\n';
}

QByteArray message(const QByteArray &app, QByteArray text)
{
    return "{\"" + app + "\":\"" + text.replace('"', "\\\"").replace('\n', "\\n") + "\"}";
}

/// Fills a model by `replace`, which stores the text of the application with that number, goes on at random
/// with scrapes in between, and returns the bytes of memory for each byte of text; 0 if this build cannot
/// say.
double memoryInUse(AppModel &model, const std::function<void(int app)> &replace)
{
    const MemoryMark memory;
    for (int app = 0; app < Apps; ++app)
        replace(app);
    QRandomGenerator random(4711);
    const int rounds = memory.isMeasured() ? 3000 : 30;
    for (int round = 0; round < rounds; ++round) {
        // A scrape shows the texts of this moment until the next one.
        const std::shared_ptr<const AppView> page = model.view(Timestamp());
        for (int app = 0; app < 10; ++app)
            replace(int(random.bounded(Apps)));
    }
    if (!memory.isMeasured()) {
        qInfo("memory cannot be measured in this build: only the texts are looked at");
        return 0;
    }
    const double ratio = double(memory.grown()) / double(Apps * TextSize);
    qInfo("%.2f bytes of memory for each byte of text", ratio);
    return ratio;
}

void apply(AppModel &model, std::span<AppUpdate> updates)
{
    if (model.apply(updates, "test", SourceKind::Push, Timestamp()))
        qFatal("the model has no room");
    for (AppUpdate &update : updates)
        update.text = {};
}

} // namespace

/// The memory that a store in use takes up: a program of its own, because it looks at the whole process.
class TestTextMemory : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { tuneAllocator(); }

    void pushesAtRandomLeaveNoHoles_data()
    {
        QTest::addColumn<int>("piece"); // bytes of a message that one read brings at most
        QTest::addColumn<bool>("anew"); // each message by a connection of its own
        QTest::newRow("messages from one read") << 256 * 1024 << true;
        QTest::newRow("messages in pieces") << 40'000 << true;
        QTest::newRow("one connection for all messages") << 256 * 1024 << false;
    }
    void pushesAtRandomLeaveNoHoles()
    {
        QFETCH(int, piece);
        QFETCH(bool, anew);
        std::vector<QByteArray> messages;
        for (int app = 0; app < Apps; ++app)
            messages.push_back(message("app_" + QByteArray::number(app), metricsText(TextSize)));
        AppModel model({});
        std::unique_ptr<PushDecoder> decoder = makePushDecoder(PushFormat::Json, {});
        const double ratio = memoryInUse(model, [&](int app) {
            if (anew)
                decoder = makePushDecoder(PushFormat::Json, {});
            QByteArrayView left = messages[std::size_t(app)];
            PushDecoder::Status status = PushDecoder::Status::NeedMore;
            while (!left.isEmpty()) {
                QByteArrayView input = left.first(qMin(left.size(), qsizetype(piece)));
                left = left.sliced(input.size());
                status = decoder->decode(input);
            }
            if (status != PushDecoder::Status::Complete)
                qFatal("%s", decoder->rejection().message.constData());
            apply(model, decoder->updates());
        });
        QVERIFY2(ratio <= MostForEachByte, QByteArray::number(ratio).constData());
        for (const auto &app : model.view()->apps)
            QCOMPARE(app->text, metricsText(TextSize));
    }

    void pollsOfUnknownSizeLeaveNoHoles()
    {
        const QByteArray answer = metricsText(TextSize);
        AppModel model({});
        BodyBuffer body(1 << 20);
        const double ratio = memoryInUse(model, [&](int app) {
            body.start(BodyBuffer::Encoding::Identity, 0);
            for (qsizetype at = 0; at < answer.size(); at += 16 * 1024)
                body.append(QByteArrayView(answer).sliced(at).first(qMin(answer.size() - at, 16 * 1024)));
            AppUpdate update{"app_" + QByteArray::number(app), body.take()};
            apply(model, {&update, 1});
        });
        QVERIFY2(ratio <= MostForEachByte, QByteArray::number(ratio).constData());
        for (const auto &app : model.view()->apps)
            QCOMPARE(app->text, metricsText(TextSize));
    }
};

QTEST_APPLESS_MAIN(TestTextMemory)
#include "tst_textmemory.moc"
