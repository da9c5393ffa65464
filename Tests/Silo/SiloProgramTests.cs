using System.Diagnostics;
using Tikr.Silo.Hosting;

namespace Tikr.Tests.Silo;

/// <summary>The server program itself, as a process.</summary>
public sealed class SiloProgramTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tikr-silo-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_demo_shows_bars_made_of_every_tick_it_sent()
    {
        var (code, output, error) = await Run("--demo", "--seconds", "2");

        Assert.True(code == 0, output + error);
        var summary = output.TrimEnd().Split('\n')[^1];
        var numbers = summary.Split(' ').Where(word => long.TryParse(word, out _)).Select(long.Parse).ToArray();
        Assert.True(numbers is [> 50, _, 0, > 5, _], summary);
        Assert.True(numbers[0] == numbers[1] && numbers[1] == numbers[4], summary);
        Assert.Contains(" SPY ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mistakes_in_the_configuration_are_told_at_once_and_nothing_is_started()
    {
        var data = Path.Combine(_folder.FullName, "data");
        var specs = Directory.CreateDirectory(Path.Combine(_folder.FullName, "specs")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(specs, "a.yaml"), "series: a\nmetrics: []\ngranularity:\n  rollup: 0s\n", TestContext.Current.CancellationToken);
        var config = Path.Combine(_folder.FullName, "tikr.yaml");
        await File.WriteAllTextAsync(
            config, $"server:\n  grpc_prt: 1\nstorage:\n  data_dir: {data}\n  ticks:\n    ttl: 99h\nspecs_dir: {specs}\n",
                TestContext.Current.CancellationToken);

        var (code, output, error) = await Run("--config", config);

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("tikr.yaml:2", error, StringComparison.Ordinal);
        Assert.Contains("tikr.yaml:6", error, StringComparison.Ordinal);
        Assert.Contains("a.yaml:4", error, StringComparison.Ordinal);
        Assert.Contains("tikr does not start", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public async Task A_connection_string_with_a_wrong_keyword_is_one_line_without_its_secrets()
    {
        var specs = Directory.CreateDirectory(Path.Combine(_folder.FullName, "specs")).FullName;
        await File.WriteAllTextAsync(Path.Combine(specs, "market.yaml"), TikrServer.MarketYaml, TestContext.Current.CancellationToken);
        var (code, output, error) = await RunWith(
            [], ("TIKR_STORAGE_BACKEND", "timescale"), ("TIKR_STORAGE_TIMESCALE_CONNECTION_STRING", "Host=x;Password=secret;Prt=1"),
            ("TIKR_SPECS_DIR", specs));

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("storage.timescale.connection_string", error, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'Port'?", error, StringComparison.Ordinal);
        Assert.DoesNotContain(" at ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_few_open_files_are_told_before_anything_is_started()
    {
        var specs = Directory.CreateDirectory(Path.Combine(_folder.FullName, "specs")).FullName;
        await File.WriteAllTextAsync(Path.Combine(specs, "market.yaml"), TikrServer.MarketYaml, TestContext.Current.CancellationToken);
        var data = Path.Combine(_folder.FullName, "data");

        var (code, output, error) = await StartAsync(
            "bash", ["-c", $"ulimit -n 256; exec dotnet '{typeof(TikrSiloComposition).Assembly.Location}'"],
            ("TIKR_SPECS_DIR", specs), ("TIKR_STORAGE_DATA_DIR", data));

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("may have 256 files and connections open", error, StringComparison.Ordinal);
        Assert.Contains("ulimit -n", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public async Task A_taken_port_and_a_taken_folder_are_plain_sentences()
    {
        await using var other = await TikrServer.StartAsync(dataFolder: Path.Combine(_folder.FullName, "data"));
        var specs = Directory.CreateDirectory(Path.Combine(_folder.FullName, "specs")).FullName;
        await File.WriteAllTextAsync(Path.Combine(specs, "market.yaml"), TikrServer.MarketYaml, TestContext.Current.CancellationToken);
        var rest = $"telemetry:\n  enabled: false\nspecs_dir: {specs}\nstorage:\n  data_dir: {_folder.FullName}/data\n";
        var takenPort = Path.Combine(_folder.FullName, "port.yaml");
        var takenFolder = Path.Combine(_folder.FullName, "folder.yaml");
        await File.WriteAllTextAsync(takenPort, $"server:\n  grpc_port: {new Uri(other.Address).Port}\n  http_port: 0\n{rest}",
            TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            takenFolder, $"server:\n  grpc_port: 0\n  http_port: 0\n{rest}", TestContext.Current.CancellationToken);

        var port = await Run("--config", takenPort);
        var folder = await Run("--config", takenFolder);

        Assert.Equal((1, ""), (port.Code, port.Output));
        Assert.Contains("error: server.grpc_port = ", port.Error, StringComparison.Ordinal);
        Assert.Equal((1, ""), (folder.Code, folder.Output));
        Assert.Contains("is in use by another process", folder.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(" at Tikr.", folder.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--version", 0, "0.")]
    [InlineData("--help", 0, "--config")]
    [InlineData("--seconds 3", 1, "needs --demo")]
    [InlineData("--nonsense", 1, "--nonsense")]
    public async Task The_command_line_explains_itself(string args, int expected, string text)
    {
        var (code, output, error) = await Run(args.Split(' '));
        Assert.Equal(expected, code);
        Assert.Contains(text, output + error, StringComparison.Ordinal);
    }

    private static Task<(int Code, string Output, string Error)> Run(params string[] args) => RunWith(args);

    private static Task<(int Code, string Output, string Error)> RunWith(
        string[] args, params (string Name, string Value)[] variables) =>
        StartAsync("dotnet", [typeof(TikrSiloComposition).Assembly.Location, .. args], variables);

    private static async Task<(int Code, string Output, string Error)> StartAsync(
        string program, string[] args, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(program, args)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // The server refuses variables of its prefix that it does not know, and those of the test run are not for it.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("TIKR_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in variables) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }
}
