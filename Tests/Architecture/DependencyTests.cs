namespace Tikr.Tests.Architecture;

/// <summary>Dependencies point one way.</summary>
public sealed class DependencyTests
{
    public static TheoryData<string> Projects => Layers.Names;

    [Fact]
    public void Every_project_is_in_the_table_of_layers() =>
        Assert.Equal(Layers.Allowed.Keys.Order(), SolutionProject.All.Where(project => !project.IsTest)
            .Select(project => project.Name).Order());

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(SourceTree.Root, "Tikr.Orleans.sln")).Replace('\\', '/');

        Assert.All(SolutionProject.All,
            project => Assert.Contains($"\"{SourceTree.Short(project.File)}\"", solution, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_refers_only_to_projects_below_it(string name) =>
        Assert.Empty(Find(name).ProjectReferences.Except(Layers.Allowed[name]));

    [Theory]
    [MemberData(nameof(Projects))]
    public void Assembly_refers_only_to_assemblies_below_it(string name)
    {
        var ours = SolutionProject.All.ToDictionary(project => project.AssemblyName, project => project.Name);

        var used = Find(name).AssemblyReferences().Where(ours.ContainsKey).Select(assembly => ours[assembly]);

        Assert.Empty(used.Except(Layers.Allowed[name]));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Assembly_is_free_of_libraries_of_other_layers(string name)
    {
        var forbidden = Layers.Forbidden.GetValueOrDefault(name, []);

        Assert.DoesNotContain(Find(name)
            .AssemblyReferences(), assembly => forbidden.Any(prefix => assembly.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)));
    }

    private static SolutionProject Find(string name) => SolutionProject.All.Single(project => !project.IsTest && project.Name == name);
}
