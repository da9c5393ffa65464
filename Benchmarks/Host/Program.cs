using System.CommandLine;
using Tikr.Benchmarks.Host;
using Tikr.Core.Configuration;
using Tikr.Gateway.Hosting;
using Tikr.Silo.Hosting;

var config = new Option<string?>("--config") { Description = "Main configuration file, as the server reads it." };
var noStore = new Option<bool>("--no-store")
{
    Description = "Keep keys and bars in memory "
    + "and no ticks at all: what everything but storing costs. Late ticks come out wrong."
};
var ttl = new Option<double?>("--ttl-seconds")
{
    Description = "Life of ticks and bars on the "
    + "embedded store, below the hour that the server insists on, so that expiry can be watched."
};
var root = new RootCommand("The Tikr server with parts exchanged for measuring; for benchmarks only.") { config, noStore, ttl };
root.SetAction(async parsed =>
{
    var setup = TikrSetup.Load(parsed.GetValue(config), SiloEnvironment.Read());
    if (!StartReport.Accepts(setup, Console.Error)) return 1;
    var builder = WebApplication.CreateSlimBuilder();
    builder.AddTikrLogging(quiet: false);
    builder.AddTikrSilo(setup.Configuration!, setup.Specs);
    if (parsed.GetValue(noStore)) builder.Services.KeepNoTicks();
    if (parsed.GetValue(ttl) is { } seconds) builder.Services.ExpireAfter(TimeSpan.FromSeconds(seconds));
    await using var app = builder.Build();
    app.MapTikr();
    app.PrintBanner(setup);
    return await app.RunTikrAsync();
});
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
