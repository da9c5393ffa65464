namespace Tikr.Tests.EndToEnd.Crash;

public sealed class RocksDbCrashLoopTests : CrashLoopSuite
{
    protected override Task<SiloOptions> OptionsAsync() => Task.FromResult(new SiloOptions { Name = "crash" });
}
