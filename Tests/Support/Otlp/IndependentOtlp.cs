using System.Buffers.Binary;
using Tikr.Tests.Support.Processes;

namespace Tikr.Tests.Support.Otlp;

/// <summary>
/// Decodes records by other people's code: the types of OpenTelemetry's JavaScript exporter, in node. scripts/otlp-decoder.sh installs
/// them.
/// </summary>
public static class IndependentOtlp
{
    /// <summary>Folder that holds node_modules; scripts/otlp-decoder.sh says which by default.</summary>
    private const string FolderVariable = "TIKR_TEST_OTLP_DECODER";
    private const string Remedy = "run scripts/otlp-decoder.sh (needs node and npm)";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The data points of every record, record by record. Skips the running test where the decoder is not installed, unless
    /// TIKR_TESTS_REQUIRE_SERVERS=1. Fails it if a record cannot be decoded.
    /// </summary>
    public static async Task<IReadOnlyList<IReadOnlyList<OtlpPoint>>> DecodeAsync(
        IEnumerable<byte[]> records, OtlpForm form = OtlpForm.MetricsData)
    {
        var modules = FindModules();
        var folder = Repository.NewFolder("otlp");
        var (input, output) = (Path.Combine(folder, "records"), Path.Combine(folder, "decoded"));
        var count = await WriteAsync(input, records).ConfigureAwait(false);
        var word = form switch { OtlpForm.Json => "json", OtlpForm.ResourceMetrics => "resource_metrics", _ => "metrics_data" };
        using var node = ProgramProcess.Start("node", [Path.Combine(AppContext.BaseDirectory, "decode.js"), modules, word, input, output]);
        Assert.True(await node.WaitForExitAsync(Limit).ConfigureAwait(false) == 0, node.Output);

        var messages = new List<IReadOnlyList<OtlpPoint>>();
        await foreach (var line in File.ReadLinesAsync(output).ConfigureAwait(false)) messages.Add(DecodedMessage.Parse(line));
        Assert.Equal(count, messages.Count);
        Directory.Delete(folder, recursive: true);
        return messages;
    }

    private static async Task<int> WriteAsync(string path, IEnumerable<byte[]> records)
    {
        var file = File.Create(path);
        await using var closing = file.ConfigureAwait(false);
        var count = 0;
        var length = new byte[4];
        foreach (var record in records)
        {
            BinaryPrimitives.WriteInt32BigEndian(length, record.Length);
            await file.WriteAsync(length).ConfigureAwait(false);
            await file.WriteAsync(record).ConfigureAwait(false);
            count++;
        }

        return count;
    }

    private static string FindModules()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set ? set : Path.Combine(home, ".cache");
        var tests = Environment.GetEnvironmentVariable("TIKR_TEST_CACHE") is { Length: > 0 } own ? own : Path.Combine(cache, "tikr");
        var folder = Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } named
            ? named : Path.Combine(tests, "otlp-decoder");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "otlp-transformer-before-metadata")))
            throw ServersNeeded.Missed($"{folder} does not hold the decoder: {Remedy}.");
        var paths = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator);
        if (!paths.Any(path => File.Exists(Path.Combine(path, "node"))))
            throw ServersNeeded.Missed($"node is not on the PATH: {Remedy}.");
        return folder;
    }
}
