namespace Tikr.Tests.EndToEnd.Scenarios;

/// <summary>More ticks at once than a server likes, from the load generator: none may be missing from the bars.</summary>
public sealed class FullSpeedTests
{
    [Fact]
    public async Task Four_streams_over_ten_thousand_keys_at_full_speed_lose_nothing()
    {
        await using var silo = await SiloProcess.StartAsync(new SiloOptions { Name = "full-speed" });

        using var load = ProgramProcess.Start(
            "dotnet",
            [
                Repository.LoadGeneratorDll, "--address", silo.Address, "--keys", "10000", "--uniform", "--shared-keys", "--streams", "4",
                "--ticks", "4000000", "--warm-up", "0", "--verify-timeout", "60",
            ]);
        var exitCode = await load.WaitForExitAsync(TimeSpan.FromMinutes(3));

        Assert.True(exitCode == 0, load.Output);
    }
}
