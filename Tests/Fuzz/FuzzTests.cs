using System.Globalization;
using System.IO.Hashing;
using Tikr.Tests.Fuzz.Driver;

namespace Tikr.Tests.Fuzz;

/// <summary>Coverage-guided fuzzing; docs/testing.md says how to let it run for hours.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const string Seconds = "TIKR_FUZZ_SECONDS", Seed = "TIKR_FUZZ_SEED", Kept = "TIKR_FUZZ_CORPUS";

    // Far below what 5 s give on a busy machine; a run that does less proves little.
    private const int LeastTried = 1_000, LeastBranches = 100;

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Keys];

    [Theory]
    [MemberData(nameof(Targets))]
    public void No_input_that_coverage_leads_to_breaks_the_reader(string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "fuzz")).FullName;
        var (seconds, seed) = (Setting(Seconds, 5), Setting(Seed, Random.Shared.Next()));
        var target = FuzzTargets.All[name];
        using var coverage = new Coverage();
        using var running = new RunningInput(Path.Combine(folder, $"{name}.running"));
        var run = new FuzzRun(new Instrumented().Target(target.GetType()), coverage, running, seed);
        var found = run.Run(target.Seeds.Concat(Corpus.Of(name)).Concat(KeptOf(name)), target.Tokens, TimeSpan.FromSeconds(seconds));

        var told = $"{name}: {run.Tried} inputs in {seconds} s, {coverage.Branches} branches, {run.Corpus.Count} inputs with new ones, "
            + $"{Seed}={seed}";
        output.WriteLine(told);
        Keep(name, run.Corpus);
        if (found is { } broken) Assert.Fail(Report(name, folder, told, broken.Input, broken.Error));
        Assert.True(run.Tried >= LeastTried && coverage.Branches >= LeastBranches, told);
    }

    private static string Report(string name, string folder, string told, byte[] input, Exception error)
    {
        var file = Path.Combine(folder, $"{name}-{XxHash3.HashToUInt64(input):x16}");
        File.WriteAllBytes(file, input);
        return $"{told}\n{file} breaks it: {Convert.ToHexString(input)}\n{error}\n"
            + $"Copy the file to Tests/Fuzz/Corpus/{name}, under a name that says what it shows, and mend the reader.";
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var set) ? set : otherwise;

    // A folder that outlives the run lets the next one go on where it ended.
    private static string? FolderOf(string name) =>
        Environment.GetEnvironmentVariable(Kept) is { Length: > 0 } folder ? Path.Combine(folder, name) : null;

    private static IEnumerable<byte[]> KeptOf(string name) =>
        FolderOf(name) is { } folder && Directory.Exists(folder) ? Directory.GetFiles(folder).Select(File.ReadAllBytes) : [];

    private static void Keep(string name, IEnumerable<byte[]> inputs)
    {
        if (FolderOf(name) is not { } folder) return;
        Directory.CreateDirectory(folder);
        foreach (var input in inputs) File.WriteAllBytes(Path.Combine(folder, $"{XxHash3.HashToUInt64(input):x16}"), input);
    }
}
