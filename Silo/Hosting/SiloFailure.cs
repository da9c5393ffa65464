namespace Tikr.Silo.Hosting;

/// <summary>
/// What happens when the silo cannot go on, most of all when the others have declared it dead: streams end with UNAVAILABLE and the count
/// of what was kept, and the process ends with an exit code for its supervisor, which starts it anew.
/// </summary>
internal sealed class SiloFailure(IHostApplicationLifetime lifetime, TimeProvider time, ILogger<SiloFailure> logger) : IFatalErrorHandler
{
    /// <summary>The exit code of a process whose silo could not go on.</summary>
    public const int ExitCode = 3;

    // A stop takes 10 s at most.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private bool _isEnding;

    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender = null, string? context = null, Exception? exception = null)
    {
        if (Interlocked.Exchange(ref _isEnding, true)) return;
        Environment.ExitCode = ExitCode;
        Log.SiloFailed(logger, exception, ExitCode, context ?? exception?.Message ?? "for an unknown reason");
        lifetime.StopApplication();
        _ = EndAsync();
    }

    /// <summary>If it cannot stop either, it just ends.</summary>
    private async Task EndAsync()
    {
        await Task.Delay(Patience, time);
        Environment.Exit(ExitCode);
    }
}
