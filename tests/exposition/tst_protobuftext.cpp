// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/protobuftext.h"
#include "common/exposition/textparser.h"

#include <limits>
#include <protozero/pbf_writer.hpp>
#include <QTest>
#include <string>

using namespace ExporterProxy;

namespace {

using protozero::pbf_writer;

std::string delimited(const std::string &message)
{
    std::string out;
    protozero::write_varint(std::back_inserter(out), message.size());
    return out + message;
}

std::string label(const std::string &name, const std::string &value)
{
    std::string out;
    pbf_writer writer(out);
    writer.add_string(1, name);
    writer.add_string(2, value);
    return out;
}

std::string simple(double value)
{
    std::string out;
    pbf_writer(out).add_double(1, value);
    return out;
}

std::string family(const std::string &name, int type, const std::vector<std::string> &metrics,
                   const char *help = nullptr)
{
    std::string out;
    pbf_writer writer(out);
    writer.add_string(1, name);
    if (help)
        writer.add_string(2, std::string(help));
    writer.add_enum(3, type);
    for (const std::string &metric : metrics)
        writer.add_message(4, metric);
    return delimited(out);
}

std::string metric(protozero::pbf_tag_type field, const std::string &body,
                   const std::vector<std::string> &labels = {})
{
    std::string out;
    pbf_writer writer(out);
    for (const std::string &one : labels)
        writer.add_message(1, one);
    writer.add_message(field, body);
    return out;
}

std::string bucket(quint64 count, double bound)
{
    std::string out;
    pbf_writer writer(out);
    writer.add_uint64(1, count);
    writer.add_double(2, bound);
    return out;
}

constexpr qint64 Much = 1 << 20;

struct Result
{
    QByteArray text;
    std::optional<Rejection> fault;
};

Result textOfProtobuf(QByteArrayView sent, qint64 maxSize)
{
    ProtobufReader reader(sent, maxSize);
    while (!reader.proceed(1)) { }
    return {reader.fault() ? QByteArray() : reader.take(), reader.fault()};
}

} // namespace

class TestProtobufText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void texts_data()
    {
        QTest::addColumn<std::string>("sent");
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("nothing") << std::string() << QByteArray();
        QTest::newRow("a counter") << family("c_total", 0, {metric(3, simple(1.5), {label("a", "x\"\\\ny")})},
                                             "How\n\\many.")
                                   << QByteArray("# HELP c_total How\\n\\\\many.\n# TYPE c_total counter\n"
                                                 "c_total{a=\"x\\\"\\\\\\ny\"} 1.5\n");
        QTest::newRow("values that are no plain numbers")
            << family("g", 1,
                      {metric(2, simple(std::numeric_limits<double>::quiet_NaN())),
                       metric(2, simple(std::numeric_limits<double>::infinity()), {label("a", "1")}),
                       metric(2, simple(-std::numeric_limits<double>::infinity()), {label("a", "2")}),
                       metric(2, simple(1e300), {label("a", "3")})})
            << QByteArray("# TYPE g gauge\ng NaN\ng{a=\"1\"} +Inf\ng{a=\"2\"} -Inf\ng{a=\"3\"} 1e+300\n");
        std::string summary;
        {
            pbf_writer writer(summary);
            writer.add_uint64(1, 7);
            writer.add_double(2, 3.5);
            std::string quantile;
            pbf_writer of(quantile);
            of.add_double(1, 0.5);
            of.add_double(2, 2);
            writer.add_message(3, quantile);
        }
        QTest::newRow("a summary") << family("s", 2, {metric(4, summary)})
                                   << QByteArray(
                                          "# TYPE s summary\ns{quantile=\"0.5\"} 2\ns_sum 3.5\ns_count 7\n");
        std::string histogram;
        {
            pbf_writer writer(histogram);
            writer.add_uint64(1, 3);
            writer.add_double(2, 4);
            writer.add_message(3, bucket(1, 0.25));
            writer.add_message(3, bucket(2, 1));
        }
        QTest::newRow("a histogram gets its last bucket")
            << family("h", 4, {metric(7, histogram, {label("a", "b")})})
            << QByteArray(
                   "# TYPE h histogram\nh_bucket{a=\"b\",le=\"0.25\"} 1\nh_bucket{a=\"b\",le=\"1\"} 2\n"
                   "h_bucket{a=\"b\",le=\"+Inf\"} 3\nh_sum{a=\"b\"} 4\nh_count{a=\"b\"} 3\n");
        QTest::newRow("names of UTF-8") << family(
            "http.requests:größe", 3, {metric(5, simple(1), {label("server.name", "x"), label("1a", "y")})})
                                        << QByteArray("# TYPE http_requests:gr__e untyped\n"
                                                      "http_requests:gr__e{server_name=\"x\",_1a=\"y\"} 1\n");
        std::string timed;
        {
            pbf_writer writer(timed);
            writer.add_message(2, simple(1));
            writer.add_int64(6, -5);
        }
        QTest::newRow("a timestamp") << family("t", 1, {timed}) << QByteArray("# TYPE t gauge\nt 1 -5\n");
    }

    void texts()
    {
        QFETCH(const std::string, sent);
        QFETCH(const QByteArray, text);
        const auto result = textOfProtobuf(QByteArrayView(sent.data(), qsizetype(sent.size())), Much);
        QVERIFY2(!result.fault, result.fault ? result.fault->message.constData() : "");
        QCOMPARE(result.text, text);
    }

    void faults_data()
    {
        QTest::addColumn<std::string>("sent");
        QTest::newRow("a text") << std::string("a 1\nb 2\n");
        QTest::newRow("a message that is cut") << family("a", 1, {metric(2, simple(1))}).substr(0, 12);
        QTest::newRow("a size without end") << std::string(12, '\xff');
        QTest::newRow("terabytes claimed") << std::string("\xff\xff\xff\xff\xff\x7f");
        QTest::newRow("no name") << delimited(std::string("\x18\x01"));
        QTest::newRow("an unknown type") << family("a", 9, {});
        QTest::newRow("a label without a name") << family("a", 1, {metric(2, simple(1), {label("", "x")})});
        QTest::newRow("a value of another wire type") << family("a", 1, {metric(2, std::string("\x08\x01"))});
    }

    void faults()
    {
        QFETCH(const std::string, sent);
        const auto result = textOfProtobuf(QByteArrayView(sent.data(), qsizetype(sent.size())), Much);
        QVERIFY(result.fault.has_value());
        QCOMPARE(result.fault->reason, RejectReason::Malformed);
        QVERIFY(result.text.isEmpty());
    }

    void aTextThatWouldBeTooLargeIsRefusedBeforeItIsMade()
    {
        std::string histogram;
        pbf_writer writer(histogram);
        for (int i = 0; i < 10'000; ++i)
            writer.add_message(3, std::string()); // two bytes each
        const std::string sent = family("h", 4, {metric(7, histogram, {label("a", std::string(1000, 'x'))})});
        const auto result = textOfProtobuf(QByteArrayView(sent.data(), qsizetype(sent.size())), Much);
        QVERIFY(result.fault.has_value());
        QCOMPARE(result.fault->reason, RejectReason::MessageTooLarge);
    }

    void everyCutIsRefusedOrRead()
    {
        const std::string sent = family("a", 1, {metric(2, simple(1), {label("b", "c")})});
        for (std::size_t size = 1; size < sent.size(); ++size)
            QVERIFY(textOfProtobuf(QByteArrayView(sent.data(), qsizetype(size)), Much).fault.has_value());
    }
};

QTEST_APPLESS_MAIN(TestProtobufText)
#include "tst_protobuftext.moc"
