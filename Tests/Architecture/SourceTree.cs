using Tikr.Tests.Support;

namespace Tikr.Tests.Architecture;

/// <summary>The files that people write: everything but build output.</summary>
internal static class SourceTree
{
    private static readonly HashSet<string> Skipped =
        ["bin", "obj", "artifacts", ".git", "TestResults", "BenchmarkDotNet.Artifacts", "node_modules", "__pycache__"];

    public static string Root => Repository.Root;

    /// <summary>Files whose names end so.</summary>
    public static IEnumerable<string> Files(params string[] endings) =>
        Walk(Root).Where(file => endings.Any(ending => file.EndsWith(ending, StringComparison.Ordinal)));

    /// <summary>C# files of what is shipped: neither tests nor benchmarks nor samples.</summary>
    public static IEnumerable<string> ProductFiles() =>
        Files(".cs").Where(file => Short(file).Split(Path.DirectorySeparatorChar)[0] is not ("Tests" or "Benchmarks" or "samples"));

    /// <summary>A path as people write it.</summary>
    public static string Short(string file) => Path.GetRelativePath(Root, file);

    private static IEnumerable<string> Walk(string folder) =>
        Directory.GetFiles(folder)
            .Concat(Directory.GetDirectories(folder).Where(child => !Skipped.Contains(Path.GetFileName(child))).SelectMany(Walk));
}
