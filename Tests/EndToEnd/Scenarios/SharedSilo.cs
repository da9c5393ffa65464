namespace Tikr.Tests.EndToEnd.Scenarios;

/// <summary>One server for the tests of a class that use keys of their own.</summary>
public sealed class SharedSilo : IAsyncLifetime
{
    public SiloProcess Silo { get; private set; } = null!;

    public async ValueTask InitializeAsync() =>
        Silo = await SiloProcess.StartAsync(new SiloOptions { Name = "shared", Specs = TestSpecs.All });

    public ValueTask DisposeAsync() => Silo?.DisposeAsync() ?? ValueTask.CompletedTask;
}
