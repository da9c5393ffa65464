using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace Tikr.Tests.Architecture;

/// <summary>A project as its file and its compiled assembly show it.</summary>
/// <param name="Name">Name of the project file.</param>
/// <param name="File">Its path.</param>
internal sealed record SolutionProject(string Name, string File)
{
    /// <summary>Every project of the tree.</summary>
    public static IReadOnlyList<SolutionProject> All { get; } =
        [.. SourceTree.Files(".csproj").Select(file => new SolutionProject(Path.GetFileNameWithoutExtension(file), file))];

    public override string ToString() => Name;

    /// <summary>Whether it belongs to the tests, which may use everything.</summary>
    public bool IsTest =>
        Path.GetRelativePath(SourceTree.Root, File).StartsWith("Tests" + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>Projects it refers to, those left out that are only built before it.</summary>
    public IEnumerable<string> ProjectReferences =>
        from reference in XDocument.Load(File).Descendants("ProjectReference")
        where (string?)reference.Attribute("ReferenceOutputAssembly") != "false"
            && (string?)reference.Attribute("OutputItemType") != "Analyzer"
        select Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/'));

    /// <summary>Name of its assembly.</summary>
    public string AssemblyName =>
        XDocument.Load(File).Descendants("AssemblyName").Select(element => element.Value).FirstOrDefault()
            ?? (IsTest ? $"Tikr.Tests.{Name}" : $"Tikr.{Name}");

    /// <summary>Assemblies that the compiled one refers to.</summary>
    public IReadOnlyList<string> AssemblyReferences()
    {
        var configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
        using var stream = System.IO.File.OpenRead(
            Path.Combine(Path.GetDirectoryName(File)!, "bin", configuration, "net10.0", AssemblyName + ".dll"));
        using var image = new PEReader(stream);
        var metadata = image.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }
}
