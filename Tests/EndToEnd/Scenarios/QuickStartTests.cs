using System.Globalization;
using System.Text.RegularExpressions;

namespace Tikr.Tests.EndToEnd.Scenarios;

/// <summary>The first command of the README does what the README shows.</summary>
public sealed partial class QuickStartTests
{
    [Fact]
    public async Task Demo_command_of_the_readme_shows_bars()
    {
        var command = (await File.ReadAllLinesAsync(Path.Combine(Repository.Root, "README.md"), TestContext.Current.CancellationToken))
            .Select(line => line.Trim()).First(line => line.StartsWith("dotnet run", StringComparison.Ordinal)
                && line.Contains("--demo", StringComparison.Ordinal));
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(2);
        var data = Repository.NewFolder("demo");

        using var demo = ProgramProcess.Start(
            "dotnet", ["run", "--no-build", "-c", Repository.Configuration, .. words, "--seconds", "6"], Settings(data));
        var exitCode = await demo.WaitForExitAsync(TimeSpan.FromSeconds(60));

        Assert.True(exitCode == 0, demo.Output);
        Assert.Contains("close", demo.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("volume", demo.Output, StringComparison.OrdinalIgnoreCase);
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task Demo_that_is_interrupted_says_what_became_of_its_ticks()
    {
        const int inFlight = 100;
        var data = Repository.NewFolder("demo");
        var program = Path.Combine(Repository.Root, "Silo", "bin", Repository.Configuration, "net10.0", "Tikr.Silo.dll");
        using var demo = ProgramProcess.Start("dotnet", [program, "--demo"], Settings(data));
        await Eventually.HoldsAsync("bars are shown", TimeSpan.FromSeconds(60), () => Task.FromResult(
            demo.Output.Contains("volume", StringComparison.OrdinalIgnoreCase) ? null : demo.Output));

        demo.Interrupt();
        Assert.Equal(0, await demo.WaitForExitAsync(TimeSpan.FromSeconds(20)));

        var sum = Summary().Match(demo.Output);
        Assert.True(sum.Success, demo.Output);
        var (sent, acknowledged, rejected) = (Number(1), Number(2), Number(3));
        Assert.InRange(sent - acknowledged - rejected, 0, inFlight);
        Directory.Delete(data, recursive: true);

        long Number(int group) => long.Parse(sum.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"demo: (\d+) ticks sent, (\d+) acknowledged, (\d+) rejected")]
    private static partial Regex Summary();

    private static Dictionary<string, string> Settings(string data)
    {
        var ports = Ports.Free();
        return new Dictionary<string, string>
        {
            ["TIKR_SERVER_GRPC_PORT"] = Text(ports.Grpc),
            ["TIKR_SERVER_HTTP_PORT"] = Text(ports.Http),
            ["TIKR_TELEMETRY_PROMETHEUS_PORT"] = Text(ports.Metrics),
            ["TIKR_STORAGE_DATA_DIR"] = data,
        };
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
