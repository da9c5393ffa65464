namespace Tikr.Tests.Support;

/// <summary>Where things are, seen from a test's output folder.</summary>
public static class Repository
{
    /// <summary>Folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Build configuration of the running tests: the programs they start were built alike.</summary>
    public static string Configuration { get; } = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal)
        ? "Release" : "Debug";

    /// <summary>The server.</summary>
    public static string SiloDll => Environment.GetEnvironmentVariable("TIKR_TEST_SILO") ?? BuiltProgram("Silo", "Tikr.Silo.dll");

    /// <summary>The command line tool.</summary>
    public static string CliDll => BuiltProgram("Cli", "tikr.dll");

    /// <summary>The load generator.</summary>
    public static string LoadGeneratorDll => BuiltProgram("Benchmarks/LoadGenerator", "Tikr.LoadGenerator.dll");

    /// <summary>Folder of the specs that ship with the server.</summary>
    public static string Specs => Path.Combine(Root, "specs");

    /// <summary>A new empty folder for one test, below the build output so that a clone's tests stay inside the clone.</summary>
    public static string NewFolder(string name)
    {
        var folder = Path.Combine(Root, "artifacts", "tests", $"{name}-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
        return folder;
    }

    private static string BuiltProgram(string project, string file)
    {
        var path = Path.Combine(Root, project, "bin", Configuration, "net10.0", file);
        return File.Exists(path) ? path
            : throw new FileNotFoundException($"{path} is not built: build {project} with -c {Configuration} first.", path);
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Tikr.Orleans.sln"))) return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No Tikr.Orleans.sln above {AppContext.BaseDirectory}.");
    }
}
