using System.Globalization;

namespace Tikr.Tests.EndToEnd.Scenarios;

/// <summary>The first command of the README does what the README shows.</summary>
public sealed class QuickStartTests
{
    [Fact]
    public async Task Demo_command_of_the_readme_shows_bars()
    {
        var command = (await File.ReadAllLinesAsync(Path.Combine(Repository.Root, "README.md"), TestContext.Current.CancellationToken))
            .Select(line => line.Trim()).First(line => line.StartsWith("dotnet run", StringComparison.Ordinal)
                && line.Contains("--demo", StringComparison.Ordinal));
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(2);
        var ports = Ports.Free();
        var data = Repository.NewFolder("demo");

        using var demo = ProgramProcess.Start(
            "dotnet",
            ["run", "--no-build", "-c", Repository.Configuration, .. words, "--seconds", "6"],
            new Dictionary<string, string>
            {
                ["TIKR_SERVER_GRPC_PORT"] = Text(ports.Grpc),
                ["TIKR_SERVER_HTTP_PORT"] = Text(ports.Http),
                ["TIKR_TELEMETRY_PROMETHEUS_PORT"] = Text(ports.Metrics),
                ["TIKR_STORAGE_DATA_DIR"] = data,
            });
        var exitCode = await demo.WaitForExitAsync(TimeSpan.FromSeconds(60));

        Assert.True(exitCode == 0, demo.Output);
        Assert.Contains("close", demo.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("volume", demo.Output, StringComparison.OrdinalIgnoreCase);
        Directory.Delete(data, recursive: true);
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
