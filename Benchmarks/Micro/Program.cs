using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Tikr.Benchmarks.Micro;

// `sizes` prints bytes per tick, `quick` rough times, `bars` rough times of publishing; everything else goes to BenchmarkDotNet (`--filter *`).
if (args is ["sizes"])
{
    BlockSizes.Print();
    return;
}

if (args is ["quick"])
{
    QuickTimes.Print();
    return;
}

if (args is ["bars"])
{
    BarTimes.Print();
    return;
}

var job = Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance);
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, DefaultConfig.Instance.AddJob(job));
