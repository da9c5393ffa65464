using Tikr.LoadGenerator;

return await CommandLine.Build(RunAsync).Parse(args).InvokeAsync().ConfigureAwait(false);

static async Task<int> RunAsync(LoadOptions options, CancellationToken cancellation)
{
    using var run = new LoadRun(options);
    var result = await run.RunAsync(cancellation).ConfigureAwait(false);
    Summary.Print([result]);
    if (options.JsonFile is not null)
        await File.AppendAllLinesAsync(options.JsonFile, [result.ToJson()], cancellation).ConfigureAwait(false);
    foreach (var sample in result.Bars?.Samples ?? []) await Console.Error.WriteLineAsync(sample).ConfigureAwait(false);
    if (result.Holds) return 0;
    await Console.Error.WriteLineAsync(
        $"FAILED: sent {result.Sent}, acknowledged {result.Acknowledged}, rejected {result.Rejected}, bars {result.Bars}")
            .ConfigureAwait(false);
    return 1;
}
