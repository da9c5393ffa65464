using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Tikr.Benchmarks.Micro;

switch (args)
{
    // Bytes per tick of realistic blocks.
    case ["sizes"]:
        BlockSizes.Print();
        return 0;

    // Every way to write a bar as OTLP.
    case ["bars"]:
        BarTimes.Print();
        return 0;

    // The ratios, within a minute; those whose name holds a text.
    case ["--quick", .. var text]:
        Ratios.Print(text.FirstOrDefault() ?? "");
        return 0;

    // The ratios beside those of a file: check FILE [RESULTS-OF-THE-LOAD-GENERATOR] [--update]
    case ["check", var expected, .. var rest]:
        return RatioCheck.Run(expected, rest.FirstOrDefault(argument => argument != "--update"), rest.Contains("--update"));

    // Everything else goes to BenchmarkDotNet: --filter '*'
    default:
        var job = Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance);
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, DefaultConfig.Instance.AddJob(job));
        return 0;
}
