using Tikr.Core.Configuration;
using Tikr.Gateway.Hosting;
using Tikr.Silo.Demo;
using Tikr.Silo.Hosting;

return await SiloCommand.RunAsync(args, async options =>
{
    using var demo = options.Demo ? new DemoFolder() : null;
    var setup = demo is not null ? DemoSetup.Load(options.ConfigFile, demo) : TikrSetup.Load(options.ConfigFile, SiloEnvironment.Read());
    if (!StartReport.Accepts(setup, Console.Error)) return 1;

    var builder = WebApplication.CreateSlimBuilder();
    builder.AddTikrLogging(quiet: options.Demo);
    builder.AddTikrSilo(setup.Configuration!, setup.Specs);
    if (options.Demo) builder.AddDemo(options.Seconds);

    await using var app = builder.Build();
    app.MapTikr();
    app.PrintBanner(setup);
    return await app.RunTikrAsync(Console.Error);
});
