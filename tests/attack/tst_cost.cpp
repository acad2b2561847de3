// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/apps/appslisting.h"
#include "common/exposition/appsjson.h"
#include "common/exposition/appstable.h"
#include "common/exposition/merge/merger.h"
#include "common/exposition/metricspages.h"
#include "common/exposition/textgate.h"
#include "common/settings/settingsloader.h"
#include "common/util/bodybuffer.h"
#include "common/wire/pushdecoder.h"
#include "common/wire/textcheck.h"
#include "daemon/http/requestreader.h"
#include "tests/collidingnames.h"
#include "tests/state/states.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <QtEndian>
#include <QTest>
#include <zlib.h>

using namespace ExporterProxy;

namespace {

constexpr Timestamp Now{std::chrono::seconds{1'700'000'000}};

/// What one thing costs; called again and again.
using Work = std::function<void()>;

/// One input that its reader likes least. `make` prepares one of a size that grows with `scale`, and returns
/// its bytes and what reads it.
struct Case
{
    struct Made
    {
        qint64 size;
        Work read;
    };

    const char *name;
    std::function<Made(int scale)> make;
};

/// CPU time of this thread, in seconds: others on the machine do not count.
double cpuSeconds()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) + double(time.tv_nsec) / 1e9;
}

double bestOfThree(const Work &work)
{
    double best = 1e9;
    for (int i = 0; i < 3; ++i) {
        const double begin = cpuSeconds();
        work();
        best = std::min(best, cpuSeconds() - begin);
    }
    return best;
}

QByteArray number(qsizetype value)
{
    return QByteArray::number(qlonglong(value));
}

/// `count` pieces, of which each may have its number in it.
template<typename Piece>
QByteArray joined(qsizetype count, Piece piece)
{
    QByteArray all;
    for (qsizetype i = 0; i < count; ++i)
        all += piece(i);
    return all;
}

QByteArray repeated(qsizetype count, const QByteArray &piece)
{
    return piece.repeated(count);
}

/// Decodes the bytes as they would come from a socket, `pieceSize` at once.
void decode(PushFormat format, const QByteArray &bytes, qsizetype pieceSize, qsizetype messages)
{
    const auto decoder = makePushDecoder(format, {.maxApps = 1'000'000});
    alignas(8) static char buffer[256 * 1024 + 8];
    qsizetype complete = 0;
    for (qsizetype at = 0; at < bytes.size();) {
        const std::span<char> direct = decoder->directSpace();
        const qsizetype size =
            std::min({pieceSize, bytes.size() - at, direct.empty() ? pieceSize : qsizetype(direct.size())});
        char *const to = direct.empty() ? buffer + decoder->phase() : direct.data();
        std::memcpy(to, bytes.constData() + at, std::size_t(size));
        at += size;
        QByteArrayView input(to, size);
        do {
            const auto status =
                direct.empty() ? decoder->decode(input) : decoder->received(std::size_t(size));
            if (status == PushDecoder::Status::Rejected) {
                QVERIFY2(messages < 0, decoder->rejection().message.constData());
                return;
            }
            if (status == PushDecoder::Status::Complete) {
                ++complete;
                for (AppUpdate &update : decoder->updates())
                    update.text = {};
            }
        } while (direct.empty() && !input.isEmpty());
    }
    QCOMPARE(complete, messages);
}

/// Messages in JSON, which are all accepted; or rejected in the end, if `messages` is negative.
Case::Made json(const QByteArray &bytes, qsizetype messages = 1, qsizetype pieceSize = 256 * 1024)
{
    return {bytes.size(), [=] { decode(PushFormat::Json, bytes, pieceSize, messages); }};
}

Case::Made capnp(const QByteArray &bytes, qsizetype messages = 1, qsizetype pieceSize = 256 * 1024)
{
    return {bytes.size(), [=] { decode(PushFormat::CapnProto, bytes, pieceSize, messages); }};
}

/// A message of Cap'n Proto with that text, behind `segments` empty segments.
QByteArray capnpMessage(const QByteArray &text, quint32 segments = 0)
{
    const QByteArray data = text + '\0';
    const qsizetype dataWords = (data.size() + 7) / 8;
    QByteArray message;
    const auto put = [&message](quint32 word) {
        word = qToLittleEndian(word);
        message.append(reinterpret_cast<const char *>(&word), sizeof word);
    };
    put(segments);
    put(quint32(4 + dataWords));
    for (quint32 i = 0; i < segments; ++i)
        put(0);
    if (segments % 2)
        put(0);
    // A struct of two pointers, to the name in one word and to the text.
    for (const quint32 word : {0u, 2u << 16, (1u << 2) | 1u, (2u << 3) | 2u, (1u << 2) | 1u})
        put(word);
    put(quint32(data.size()) << 3 | 2);
    return message + QByteArray("a\0\0\0\0\0\0\0", 8) + data + QByteArray(dataWords * 8 - data.size(), '\0');
}

/// A text that quarantine accepts, or not.
Case::Made judged(const QByteArray &text, bool isGood = true)
{
    return {text.size(), [=] {
                RepairCounters counters;
                const TextGate gate(counters, ExpositionValidation::Quarantine);
                AppUpdate update{"a", text};
                const std::optional<Rejection> rejection = gate.judge({&update, 1}, wallClock());
                QVERIFY2(!rejection.has_value() == isGood,
                         rejection ? rejection->message.constData() : "it was accepted");
            }};
}

/// `scale` samples with as many labels as there may be, which `label` makes.
template<typename Label>
Case::Made labels(int scale, Label label)
{
    return judged(repeated(scale, "a{" + joined(qsizetype(ExpositionParser::MaxLabels), label) + "} 1\n"));
}

/// `scale` lines that are almost as long as they may be.
Case::Made longLines(int scale, const QByteArray &begin, const QByteArray &filling,
                     const QByteArray &end = {})
{
    return judged(repeated(scale, begin + repeated(1'000'000 / filling.size(), filling) + end + '\n'));
}

/// The applications of these names, with a text each.
std::shared_ptr<AppModel> modelOf(const std::vector<QByteArray> &names)
{
    auto model = std::make_shared<AppModel>(AppModel::Limits{.maxApps = 1'000'000});
    std::vector<AppUpdate> updates;
    for (const QByteArray &name : names)
        updates.push_back({name, "a 1\n"});
    [&] { QVERIFY(!model->apply(updates, "source", SourceKind::Push, Now)); }();
    return model;
}

/// Names of 256 bytes that have to be escaped wherever they are shown.
std::vector<QByteArray> escapedNames(qsizetype count)
{
    std::vector<QByteArray> names;
    for (qsizetype i = 0; i < count; ++i)
        names.push_back(number(i) + QByteArray(MaxAppNameSize - 8, i % 2 ? '"' : '<'));
    return names;
}

Case::Made stored(const std::vector<QByteArray> &names)
{
    return {qint64(names.size()) * names.front().size(), [=] { modelOf(names); }};
}

template<typename Render>
Case::Made rendered(qsizetype count, Render render)
{
    const auto names = escapedNames(count);
    const auto model = modelOf(names);
    for (const QByteArray &name : names)
        model->noteRejected(name, QByteArray(200, '"'), SourceKind::Push, Now);
    return {count * MaxAppNameSize, [=] { QVERIFY(!render(*model->view()).isEmpty()); }};
}

/// Texts of so many applications on a merged page, then without the first half of them.
Case::Made merged(int apps, const std::function<QByteArray(int)> &text)
{
    const auto model = std::make_shared<AppModel>(AppModel::Limits{1'000'000, qint64{1} << 32});
    for (int i = 0; i < apps; ++i) {
        AppUpdate update{number(1'000'000 + i), text(i)};
        model->apply({&update, 1}, "source", SourceKind::Push, Now);
    }
    const auto half = std::make_shared<AppView>(*model->view());
    half->apps.erase(half->apps.begin(), half->apps.begin() + std::ptrdiff_t(half->apps.size() / 2));
    ++half->generation;
    return {model->view()->totalSize, [=] {
                PageStore store(model->pending(), [] {});
                Merger merger({}, store);
                QVERIFY(merger.follow(model->view()));
                QVERIFY(merger.follow(half));
            }};
}

Case::Made read(const QByteArray &request, qsizetype pieceSize, bool isGood = true)
{
    return {request.size(), [=] {
                RequestReader reader(qsizetype{1} << 30);
                bool isBad = false;
                for (qsizetype at = 0; at < request.size() && !isBad; at += pieceSize) {
                    QByteArrayView input =
                        QByteArrayView(request).sliced(at, std::min(pieceSize, request.size() - at));
                    for (;;) {
                        const RequestReader::Event event = reader.next(input);
                        isBad = event == RequestReader::Event::Fault;
                        if (event == RequestReader::Event::NeedMore || isBad)
                            break;
                    }
                }
                QCOMPARE(isBad, !isGood);
            }};
}

Case::Made configured(const QByteArray &toml)
{
    return {toml.size(), [=] { QVERIFY(!loadSettings(toml, QStringLiteral("x")).isOk()); }};
}

Case::Made restored(qsizetype count, const QByteArray &text)
{
    std::vector<std::shared_ptr<AppSnapshot>> apps;
    for (qsizetype i = 0; i < count; ++i)
        apps.push_back(savedApp("a" + number(i), text));
    const QByteArray bytes = stateOf(apps);
    return {bytes.size(), [=] {
                StateReader reader({.maxApps = 1'000'000});
                for (qsizetype at = 0; at < bytes.size(); at += 4096)
                    QVERIFY(reader.read(QByteArrayView(bytes).sliced(at).first(
                        std::min<qsizetype>(4096, bytes.size() - at))));
                QVERIFY(reader.finish());
                AppModel model({.maxApps = 1'000'000});
                QCOMPARE(model.restore(reader.takeApps()), std::size_t(0));
            }};
}

QByteArray gzipped(const QByteArray &bytes)
{
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 9, Z_DEFAULT_STRATEGY);
    QByteArray out(qsizetype(deflateBound(&stream, uLong(bytes.size()))), Qt::Uninitialized);
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.constData()));
    stream.avail_in = uInt(bytes.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = uInt(out.size());
    deflate(&stream, Z_FINISH);
    out.truncate(out.size() - qsizetype(stream.avail_out));
    deflateEnd(&stream);
    return out;
}

Case::Made unpacked(const QByteArray &body, BodyBuffer::Encoding encoding, qint64 maxSize,
                    qsizetype pieceSize)
{
    return {body.size(), [=] {
                BodyBuffer buffer(maxSize);
                buffer.start(encoding, 0);
                for (qsizetype at = 0; at < body.size(); at += pieceSize) {
                    if (buffer.append(
                            QByteArrayView(body).sliced(at).first(std::min(pieceSize, body.size() - at)))
                        != BodyBuffer::Status::Good)
                        return;
                }
                QVERIFY(!buffer.take().isEmpty());
            }};
}

const std::vector<Case> Cases = {
    // Pushes in JSON.
    {"json: applications of the shortest names",
     [](int scale) {
         return json(
             '{' + joined(20'000 * scale, [](auto i) { return (i ? ",\"" : "\"") + number(i) + "\":\"\""; })
             + '}');
     }},
    {"json: messages of eight bytes",
     [](int scale) { return json(repeated(50'000 * scale, "{\"a\":\"\"}"), 50'000 * scale); }},
    {"json: empty lines in an array",
     [](int scale) { return json("{\"a\":[\"\"" + repeated(500'000 * scale, ",\"\"") + "]}"); }},
    {"json: lines of an array apart",
     [](int scale) { return json("{\"a\":[\"\"" + repeated(250'000 * scale, " , \"\"") + "]}"); }},
    {"json: escapes of six bytes",
     [](int scale) { return json("{\"a\":\"" + repeated(250'000 * scale, "\\u00e9") + "\"}"); }},
    {"json: surrogate pairs",
     [](int scale) { return json("{\"a\":\"" + repeated(120'000 * scale, "\\ud83d\\ude00") + "\"}"); }},
    {"json: one byte at a time",
     [](int scale) { return json("{\"a\":[\"x\"" + repeated(100'000 * scale, ",\"\\n\"") + "]}", 1, 1); }},
    {"json: a text that is not UTF-8 at its end",
     [](int scale) { return json("{\"a\":\"" + repeated(500'000 * scale, "\xC3\xA9") + "\xFF\"}", -1); }},
    {"json: an application's name that never ends",
     [](int scale) { return json("{\"" + QByteArray(2'000'000 * scale, 'a') + "\":\"\"}", -1); }},
    {"json: white space",
     [](int scale) { return json('{' + repeated(1'000'000 * scale, " \n") + "\"a\":\"\"}"); }},

    // Pushes in Cap'n Proto.
    {"capnp: messages of 48 bytes",
     [](int scale) { return capnp(repeated(50'000 * scale, capnpMessage("x")), 50'000 * scale); }},
    {"capnp: 512 segments",
     [](int scale) { return capnp(repeated(1'000 * scale, capnpMessage("x", 511)), 1'000 * scale); }},
    {"capnp: one byte at a time",
     [](int scale) { return capnp(repeated(100 * scale, capnpMessage("x", 511)), 100 * scale, 1); }},
    {"capnp: a text that is not UTF-8 at its end",
     [](int scale) { return capnp(capnpMessage(repeated(500'000 * scale, "\xC3\xA9") + "\xFF"), -1); }},

    // Texts of the exposition format.
    {"text: labels",
     [](int scale) { return labels(scale, [](auto i) { return "l" + number(i) + "=\"1\","; }); }},
    {"text: labels of which one is empty",
     [](int scale) {
         return labels(scale, [](auto i) { return "l" + number(i) + (i ? "=\"1\"," : "=\"\","); });
     }},
    {"text: labels of one empty name",
     [](int scale) { return labels(scale, [](auto) { return QByteArray("l=\"\","); }); }},
    {"text: labels of names with a long beginning",
     [](int scale) {
         return labels(scale,
                       [](auto i) { return QByteArray(90, 'l') + number(i * 7919 % 100'003) + "=\"\","; });
     }},
    {"text: more labels than there may be",
     [](int scale) {
         return judged(
             "a{" + joined(10'001 * scale, [](auto i) { return "l" + number(i) + "=\"\","; }) + "} 1", false);
     }},
    {"text: a line that is too long",
     [](int scale) { return judged("a{b=\"" + repeated(600'000 * scale, "\\\\") + "\"} 1", false); }},
    {"text: short samples", [](int scale) { return judged(repeated(250'000 * scale, "a 1\n")); }},
    {"text: comments of one byte", [](int scale) { return judged(repeated(500'000 * scale, "#\n")); }},
    {"text: TYPE lines",
     [](int scale) {
         return judged(joined(50'000 * scale, [](auto i) { return "# TYPE a" + number(i) + " gauge\n"; }));
     }},
    {"text: escapes in a label's value",
     [](int scale) { return longLines(scale, "a{b=\"", "\\\\", "\"} 1"); }},
    {"text: newlines in a label's value",
     [](int scale) { return longLines(scale, "a{b=\"", "\n", "\"} 1"); }},
    {"text: numbers of many digits", [](int scale) { return longLines(scale, "a 0.", "7", "e1"); }},
    {"text: numbers of many digits near the largest",
     [](int scale) { return longLines(scale, "a " + QByteArray(309, '1') + '.', "7"); }},
    {"text: blanks before nothing", [](int scale) { return longLines(scale, "# UNIT ", " "); }},
    {"text: CR LF", [](int scale) { return judged(repeated(500'000 * scale, "\r\n")); }},
    {"text: CR alone", [](int scale) { return judged(QByteArray(1'000'000 * scale, '\r'), false); }},

    // The model, and pages of it.
    {"model: new applications",
     [](int scale) {
         std::vector<QByteArray> names;
         for (int i = 10'000 * scale; i > 0; --i)
             names.push_back(number(100'000 + i));
         return stored(names);
     }},
    {"model: new applications whose names have one std::hash",
     [](int scale) { return stored(collidingNames(std::size_t(2'500 * scale))); }},
    {"merged: applications with the same series",
     [](int scale) {
         return merged(300 * scale, [](int) {
             QByteArray text;
             for (int i = 0; i < 100; ++i)
                 text += "a" + number(i) + " 1\n";
             return text;
         });
     }},
    {"merged: applications with other HELPs and histograms of the same names",
     [](int scale) {
         return merged(300 * scale, [](int app) {
             QByteArray text;
             for (int i = 0; i < 30; ++i)
                 text += "# HELP a" + number(i) + ' ' + number(app) + "\n# TYPE a" + number(i)
                     + (app % 2 ? " histogram\n" : " counter\n") + 'a' + number(i) + "_count 1\n";
             return text;
         });
     }},
    {"merged: metrics whose names have one std::hash",
     [](int scale) {
         QByteArray text;
         for (const QByteArray &name : collidingNames(std::size_t(2'500 * scale)))
             text += name + " 1\n";
         return merged(2, [&](int) { return text; });
     }},
    {"own metrics: names to be escaped",
     [](int scale) {
         return rendered(1'000 * scale, [](const AppView &view) {
             AppModel model({});
             PageStore store(model.pending(), [] {});
             OwnMetrics own(store);
             own.follow(view, Now);
             return QByteArray::number(own.serial());
         });
     }},
    {"/apps as a table: names to be escaped",
     [](int scale) {
         return rendered(1'000 * scale, [](const AppView &view) { return renderAppsTable(view, Now); });
     }},
    {"/apps as JSON: names and reasons to be escaped",
     [](int scale) {
         return rendered(1'000 * scale, [](const AppView &view) { return renderAppsJson(view, Now, Now); });
     }},
    {"/sd: names to be escaped",
     [](int scale) {
         return rendered(1'000 * scale, [](const AppView &view) { return renderDiscovery(view, "host:1"); });
     }},
    {"the monitor's reading of /apps",
     [](int scale) {
         const auto model = modelOf(escapedNames(2'500 * scale));
         const QByteArray json = renderAppsJson(*model->view(), Now, Now);
         return Case::Made{json.size(), [=] { QVERIFY(readAppsJson(json).listing); }};
     }},

    // What else is read.
    {"request: short header fields",
     [](int scale) {
         return read("GET / HTTP/1.1\r\nHost: a\r\n" + repeated(50'000 * scale, "a:\r\n") + "\r\n", 4096);
     }},
    {"request: one byte at a time",
     [](int scale) {
         return read("GET / HTTP/1.1\r\nHost: a\r\n" + repeated(20'000 * scale, "a:\r\n") + "\r\n", 1);
     }},
    {"request: chunks of one byte",
     [](int scale) {
         return read("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                         + repeated(50'000 * scale, "1\r\nx\r\n") + "0\r\n\r\n",
                     4096);
     }},
    {"request: requests of 27 bytes",
     [](int scale) { return read(repeated(20'000 * scale, "GET / HTTP/1.1\r\nHost:a\r\n\r\n"), 4096); }},
    {"configuration: unknown keys",
     [](int scale) {
         return configured("[exporter]\n"
                           + joined(500 * scale, [](auto i) { return "key" + number(i) + " = 1\n"; }));
     }},
    {"configuration: endpoints of one URL",
     [](int scale) {
         return configured(repeated(500 * scale, "[[poll_external.endpoint]]\nurl = \"http://a/b\"\n"));
     }},
    {"state file: small texts", [](int scale) { return restored(20'000 * scale, "a 1\n"); }},
    {"polled body: one byte at a time",
     [](int scale) {
         return unpacked(QByteArray(500'000 * scale, 'x'), BodyBuffer::Encoding::Identity, 1 << 30, 1);
     }},
    {"polled body: gzip of nothing but zeros",
     [](int scale) {
         return unpacked(gzipped(QByteArray(40'000'000 * scale, '\0')), BodyBuffer::Encoding::Gzip, 1 << 30,
                         4096);
     }},
    {"polled body: empty gzip members",
     [](int scale) {
         return unpacked(repeated(20'000 * scale, gzipped({})) + gzipped("a 1\n"), BodyBuffer::Encoding::Gzip,
                         1 << 30, 4096);
     }},
};

} // namespace

/// No input costs more than its size: each reader gets the input that it likes least, and four times as much
/// of it.
class tst_Cost : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void costGrowsWithTheSize_data();
    void costGrowsWithTheSize();
};

void tst_Cost::initTestCase()
{
    std::printf("| Input | Size | Time | Twice | Four times |\n|---|---|---|---|---|\n");
}

void tst_Cost::costGrowsWithTheSize_data()
{
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < Cases.size(); ++i)
        QTest::newRow(Cases[i].name) << int(i);
}

void tst_Cost::costGrowsWithTheSize()
{
    QFETCH(const int, index);
    // Four times the bytes cost four times as much, and sorting or a cache that is too small a little more;
    // what is quadratic costs sixteen times.
    // Four is linear and sixteen quadratic; what no longer fits into a cache costs more for each byte.
    constexpr double MaxRatio = 9;
    // Below, the clock's steps and the first touch of memory are most of it.
    constexpr double LeastSeconds = 0.02;
    // Others on the machine take away caches as well.
    constexpr int MaxAttempts = 4;
    const Case &tried = Cases[std::size_t(index)];
    const Case::Made made[] = {tried.make(1), tried.make(2), tried.make(4)};
    double seconds[3] = {};
    for (int attempt = 0; attempt < MaxAttempts; ++attempt) {
        for (int i = 0; i < 3; ++i) {
            seconds[i] = bestOfThree(made[i].read);
            if (QTest::currentTestFailed())
                return;
        }
        if (seconds[2] < std::max(MaxRatio * seconds[0], LeastSeconds))
            break;
    }
    std::printf("| %s | %.0f KB | %.1f ms | × %.1f | × %.1f |\n", tried.name, double(made[0].size) / 1e3,
                seconds[0] * 1e3, seconds[1] / seconds[0], seconds[2] / seconds[0]);
    std::fflush(stdout);
    QVERIFY(seconds[2] < std::max(MaxRatio * seconds[0], LeastSeconds));
}

QTEST_GUILESS_MAIN(tst_Cost)
#include "tst_cost.moc"
