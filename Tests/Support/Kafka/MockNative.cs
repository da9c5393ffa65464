using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;

namespace Tikr.Tests.Support.Kafka;

/// <summary>The mock cluster that librdkafka carries, as its header declares it.</summary>
internal static partial class MockNative
{
    private const string Library = "librdkafka";

    // Which build loads depends on the system's libsasl2 and libc; the order is that of Confluent.Kafka.
    private static readonly string[] Builds = ["librdkafka", "centos8-librdkafka", "alpine-librdkafka"];

    static MockNative() => NativeLibrary.SetDllImportResolver(typeof(MockNative).Assembly, Resolve);

    /// <summary>A client that owns a mock cluster.</summary>
    public static nint NewClient()
    {
        var error = new byte[512];
        var settings = rd_kafka_conf_new();
        // It would complain that it knows no brokers, which is what it is for.
        _ = rd_kafka_conf_set(settings, "log_level", "3", error, error.Length);
        var client = rd_kafka_new(0, settings, error, error.Length);
        return client != 0 ? client : throw new InvalidOperationException($"librdkafka: {Encoding.UTF8.GetString(error).TrimEnd('\0')}");
    }

    public static string Bootstraps(nint cluster) => Marshal.PtrToStringUTF8(rd_kafka_mock_cluster_bootstraps(cluster))!;

    public static void Check(ErrorCode code, string what)
    {
        if (code != ErrorCode.NoError) throw new InvalidOperationException($"The mock cluster could not {what}: {code}");
    }

    [LibraryImport(Library)]
    private static partial nint rd_kafka_conf_new();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rd_kafka_conf_set(nint settings, string name, string value, [Out] byte[] error, nint errorSize);

    [LibraryImport(Library)]
    private static partial nint rd_kafka_new(int type, nint conf, [Out] byte[] error, nint errorSize);

    [LibraryImport(Library)]
    public static partial void rd_kafka_destroy(nint client);

    [LibraryImport(Library)]
    public static partial nint rd_kafka_mock_cluster_new(nint client, int brokers);

    [LibraryImport(Library)]
    public static partial void rd_kafka_mock_cluster_destroy(nint cluster);

    [LibraryImport(Library)]
    private static partial nint rd_kafka_mock_cluster_bootstraps(nint cluster);

    [LibraryImport(Library)]
    public static partial void rd_kafka_mock_push_request_errors_array(nint cluster, short api, nint count, [In] ErrorCode[] errors);

    [LibraryImport(Library)]
    public static partial void rd_kafka_mock_clear_request_errors(nint cluster, short api);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void rd_kafka_mock_topic_set_error(nint cluster, string topic, ErrorCode error);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial ErrorCode rd_kafka_mock_topic_create(nint cluster, string topic, int partitions, int replicas);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial ErrorCode rd_kafka_mock_partition_set_leader(nint cluster, string topic, int partition, int broker);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial ErrorCode rd_kafka_mock_partition_delete_records(nint cluster, string topic, int partition, long before);

    [LibraryImport(Library)]
    public static partial ErrorCode rd_kafka_mock_broker_set_down(nint cluster, int broker);

    [LibraryImport(Library)]
    public static partial ErrorCode rd_kafka_mock_broker_set_up(nint cluster, int broker);

    [LibraryImport(Library)]
    public static partial ErrorCode rd_kafka_mock_broker_set_rtt(nint cluster, int broker, int milliseconds);

    [LibraryImport(Library)]
    public static partial void rd_kafka_mock_group_initial_rebalance_delay_ms(nint cluster, int milliseconds);

    [LibraryImport(Library)]
    public static partial void rd_kafka_mock_start_request_tracking(nint cluster);

    [LibraryImport(Library)]
    public static partial nint rd_kafka_mock_get_requests(nint cluster, out nint count);

    [LibraryImport(Library)]
    public static partial short rd_kafka_mock_request_api_key(nint request);

    [LibraryImport(Library)]
    public static partial void rd_kafka_mock_request_destroy_array(nint requests, nint count);

    [LibraryImport(Library)]
    public static partial void rd_kafka_mock_clear_requests(nint cluster);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library) return 0;
        foreach (var build in Builds)
        {
            if (NativeLibrary.TryLoad(build, assembly, path, out var handle)) return handle;
        }

        return 0;
    }
}
