using System.IO.Compression;
using Tikr.Tests.Support;
using Tikr.Tests.Support.Processes;

namespace Tikr.Tests.Cli;

public sealed class CommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tikr-cli-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_replay_rebased_to_now_makes_the_same_bars_a_whole_number_of_buckets_later()
    {
        await using var server = await StartServerAsync();
        var file = Write("trades.csv.gz",
            "timestamp_ns,symbol,price,quantity,sequence",
            "1381132800464000000,SPY,1674100,100,1",
            "1381132800465000000,SPY,1674200,1400,2",
            "1381132801000000000,SPY,1674000,5,3",
            "1381132801999999999,AIG,\"491800\",300,1");

        var replay = await CommandRun.Of(
            "replay", file, "--series", "market_ticks", "--rebase", "now", "--streams", "2", "--batch", "1", "--address", server.Address);

        Assert.Equal((0, ""), (replay.ExitCode, replay.Error));
        Assert.Contains("sent 4, acknowledged 4, rejected 0, unreadable lines 0", replay.Out, StringComparison.Ordinal);
        var rows = await Eventually.HoldsAsync("three bars close", () => Rows("bars", server), rows => rows.Length == 4);
        Assert.Equal("bucket_ts,symbol,open,high,low,close,volume,tick_count,ticks,first_timestamp,last_timestamp,revision", rows[0]);
        var bars = rows[1..].Select(row => row.Split(',')).ToArray();
        Assert.Equal(["AIG 491800 300 1", "SPY 1674100 1500 2", "SPY 1674000 5 1"],
            bars.Select(bar => $"{bar[1]} {bar[2]} {bar[6]} {bar[8]}"));
        Assert.Equal(1_000_000_000, long.Parse(bars[2][0]) - long.Parse(bars[1][0]));
        Assert.Equal("464000000", bars[1][9][^9..]);
        Assert.Equal(4, (await Rows("ticks", server)).Length - 1);
    }

    [Fact]
    public async Task What_is_not_taken_is_reported_and_fails_the_command()
    {
        await using var server = await StartServerAsync();
        var now = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 5)
            .ToUnixTimeMilliseconds() * 1_000_000;
        var file = Write("trades.csv", "timestamp_ns,symbol,price,quantity", $"{now},SPY,1,1",
            "1,SPY,1,1", $"{now},SPY,12.5,1", $"{now},SPY,1", "", $"{now},SPY,,1");

        var replay = await CommandRun.Of("replay", file, "--series", "market_ticks", "--address", server.Address);

        Assert.Equal(1, replay.ExitCode);
        Assert.Contains("sent 3, acknowledged 1, rejected 2, unreadable lines 2", replay.Out, StringComparison.Ordinal);
        Assert.Contains("rejected timestamp_out_of_range: 1", replay.Out, StringComparison.Ordinal);
        Assert.Contains("rejected missing_field: 1", replay.Out, StringComparison.Ordinal);
        Assert.Contains($"{file}:4: column price = '12.5': a field is a whole number", replay.Error, StringComparison.Ordinal);
        Assert.Contains($"{file}:5: 3 columns where the heading has 4", replay.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Columns_are_mapped_by_name_and_every_mistake_is_told_at_once()
    {
        await using var server = await StartServerAsync();
        var now = (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 5) * 1_000_000_000;
        var file = Write("other.csv", "when,ticker,px,size,note", $"{now},SPY,7,1,hello");

        var good = await CommandRun.Of("replay", file, "-s", "market_ticks", "-m", "when=timestamp",
            "-m", "ticker=dim:symbol", "-m", "px=field:price", "-m", "size=field:quantity", "-a", server.Address);
        var bad = await CommandRun.Of(
            "replay", file, "-s", "market_ticks", "-m", "when=time", "-m", "tick=dim:symbol", "-m", "px=field:price", "-a", server.Address);

        Assert.Equal((0, ""), (good.ExitCode, good.Error));
        Assert.Contains("columns not sent: note", good.Out, StringComparison.Ordinal);
        Assert.Equal(7, Assert.Single(
            await server.Client.Ticks(new() { Series = "market_ticks", StartNs = (ulong)now, EndNs = (ulong)now + 1 })).Fields["price"]);
        Assert.Equal(1, bad.ExitCode);
        string[] mistakes =
        [
            "--map 'when=time' is not understood", "the file has no column 'tick'; it has when, ticker, px, size, note",
            "0 columns are the timestamp", "no column gives dimension 'symbol'",
        ];
        Assert.All(mistakes, mistake => Assert.Contains(mistake, bad.Error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_realtime_replay_takes_the_time_between_its_ticks()
    {
        await using var server = await StartServerAsync();
        var now = (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 5) * 1_000_000_000;
        var file = Write("trades.csv", "timestamp_ns,symbol,price,quantity", $"{now},SPY,1,1", $"{now + 2_000_000_000},SPY,2,1");
        var started = TimeProvider.System.GetTimestamp();

        var replay = await CommandRun.Of("replay", file, "-s", "market_ticks", "--speed", "4x", "-a", server.Address);

        Assert.Equal((0, ""), (replay.ExitCode, replay.Error));
        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 0.48, 30);
    }

    [Fact]
    public async Task Info_and_mistakes_are_plain_sentences()
    {
        await using var server = await StartServerAsync();
        (string[] Args, int Code, string Text)[] cases =
        [
            (["info", "-a", server.Address],                                          0,
                "market_ticks per 1s: by symbol; open, high, low, close, volume, tick_count"),
            (["info", "-a", "127.0.0.1:1"],                                           1, "cannot reach http://127.0.0.1:1"),
            (["info", "-a", "ftp://x"],                                               1, "--address 'ftp://x' is not an address"),
            (["bars", "-s", "nope", "-a", server.Address],                            1, "has market_ticks"),
            (["bars", "-s", "market_ticks", "--from", "soon", "-a", server.Address],  1, "--from 'soon' is not a time"),
            (["bars", "-s", "market_ticks", "-d", "x", "-a", server.Address],         1, "--dim 'x' is not understood"),
            (["ticks", "-s", "market_ticks", "-d", "x=y", "-a", server.Address],      1, "has no dimension 'x'"),
            (["ticks", "-s", "market_ticks", "--from", "-48h", "-a", server.Address], 1, "at most 24 h per query"),
            (["replay", "missing.csv", "-s", "market_ticks", "-a", server.Address],   1, "cannot read 'missing.csv'"),
            (["replay", "x.csv", "-s", "market_ticks", "--speed", "fast"],            1, "--speed 'fast' is not understood"),
            (["bars"],                                                                1, "--series"),
        ];
        foreach (var (args, code, text) in cases)
        {
            var run = await CommandRun.Of(args);
            Assert.True(code == run.ExitCode, $"{string.Join(' ', args)}: exit code {run.ExitCode}\n{run.Out}{run.Error}");
            Assert.Contains(text, run.Out + run.Error, StringComparison.Ordinal);
        }
    }

    private static Task<SiloProcess> StartServerAsync() => SiloProcess.StartAsync(new SiloOptions
    {
        Name = "cli",
        Specs = new Dictionary<string, string>
        {
            ["market_ticks.yaml"] = File.ReadAllText(Path.Combine(Repository.Specs, "market_ticks.yaml")),
        },
    });

    private static async Task<string[]> Rows(string command, SiloProcess server)
    {
        var run = await CommandRun.Of(command, "--series", "market_ticks", "--from", "-1m", "--format", "csv", "--address", server.Address);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return run.Out.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
    }

    private string Write(string name, params string[] lines)
    {
        var path = Path.Combine(_folder.FullName, name);
        using var file = File.Create(path);
        using var content = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : (Stream)file;
        using var writer = new StreamWriter(content);
        foreach (var line in lines) writer.WriteLine(line);
        return path;
    }
}
