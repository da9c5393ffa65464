using Tikr.Core.Configuration;
using Tikr.Core.Specs;
using Tikr.Tests.Core.Specs;

namespace Tikr.Tests.Core.Configuration;

public sealed class TikrSetupTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tikr-setup-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Configuration_and_specs_are_read_together()
    {
        var setup = Load(Write("tikr.yaml", $"specs_dir: {Folder("specs")}"), ("specs/trades.yaml", SpecTexts.Smallest));
        Assert.Empty(setup.Errors);
        Assert.Equal(["trades"], setup.Specs.Select(spec => spec.Series));
        Assert.NotNull(setup.Configuration);
    }

    [Fact]
    public void Errors_of_configuration_environment_and_specs_come_at_once_and_nothing_else_comes()
    {
        var config = Write("tikr.yaml", $"specs_dir: {Folder("specs")}\nserver: {{grpc_port: x}}");
        Write("specs/a.yaml", SpecTexts.Smallest);
        Write("specs/b.yaml", SpecTexts.Smallest.Replace("trades", "b").Replace("rollup: 1s", "rollup: 0"));
        Write("specs/c.yaml", SpecTexts.Smallest.Replace("trades", "c").Replace("rollup: 1s", "rollup: 7h"));
        var setup = TikrSetup.Load(config, new Dictionary<string, string> { ["TIKR_COLOUR"] = "red" });
        Assert.Equal(
            ["server.grpc_port", "TIKR_COLOUR", "granularity.rollup", "granularity.rollup"],
            setup.Errors.Select(error => error.Key));
        Assert.Equal("a bar must be shorter than the life of its ticks, storage.ticks.ttl = 6h", setup.Errors[3].Rule);
        Assert.Null(setup.Configuration);
        Assert.Empty(setup.Specs);
    }

    [Fact]
    public void A_missing_configuration_file_is_an_error_next_to_the_others()
    {
        var setup = TikrSetup.Load(_folder + "/none.yaml", new Dictionary<string, string> { ["TIKR_SPECS_DIR"] = _folder + "/nowhere" });
        Assert.Equal([_folder + "/none.yaml", _folder + "/nowhere"], setup.Errors.Select(error => error.File));
        Assert.StartsWith("the file cannot be read (", setup.Errors[0].Rule, StringComparison.Ordinal);
        Assert.Equal(
            $"{_folder}/nowhere: the specs folder does not exist. Create it, or point "
                + $"specs_dir (TIKR_SPECS_DIR) at the folder that holds the series specs.",
            setup.Errors[1].ToString());
    }

    [Fact]
    public void The_default_specs_folder_is_not_blamed_for_a_file_that_cannot_be_read()
    {
        Assert.Single(TikrSetup.Load(_folder + "/none.yaml", new Dictionary<string, string>()).Errors);
        Assert.Single(Load(Write("tikr.yaml", "specs_dir: [")).Errors);
    }

    [Fact]
    public void Yaml_and_yml_files_are_read_by_name_and_nothing_else_is()
    {
        Write("specs/b.yml", SpecTexts.Smallest.Replace("trades", "b"));
        Write("specs/a.yaml", SpecTexts.Smallest.Replace("trades", "a"));
        Write("specs/notes.txt", "}");
        Write("specs/more/c.yaml", "}");
        var result = SpecFolder.Load(Folder("specs"));
        Assert.Empty(result.Errors);
        Assert.Equal(["a", "b"], result.Specs.Select(spec => spec.Series));
        Assert.Equal(Path.Combine(Folder("specs"), "a.yaml"), result.Specs[0].Source);
    }

    [Fact]
    public void A_folder_without_specs_is_an_error()
    {
        Write("specs/notes.txt", "");
        Write("specs/more/c.yaml", SpecTexts.Smallest);
        Assert.Equal(
            $"{Folder("specs")}: the specs folder holds no .yaml or .yml file (subfolders are not read). "
            + "Put one file per series there, for example specs/market_ticks.yaml.",
            Assert.Single(SpecFolder.Load(Folder("specs")).Errors).ToString());
    }

    [Fact]
    public void Files_that_are_not_text_or_far_too_large_are_named()
    {
        File.WriteAllBytes(Write("specs/a.yaml", ""), [0x73, 0xFF, 0xFE, 0x80]);
        Write("specs/b.yaml", new string('#', 1024 * 1024 + 1));
        Write("specs/c.yaml", SpecTexts.Smallest);
        var result = SpecFolder.Load(Folder("specs"));
        Assert.Equal(["the file is not UTF-8 text", "the file is larger than 1024 KiB"], result.Errors.Select(error => error.Rule));
        Assert.Equal(["trades"], result.Specs.Select(spec => spec.Series));
    }

    [Fact]
    public void A_byte_order_mark_does_no_harm()
    {
        Write("specs/a.yaml", "\uFEFF" + SpecTexts.Smallest);
        Assert.Empty(SpecFolder.Load(Folder("specs")).Errors);
    }

    private TikrSetup Load(string config, params (string Name, string Text)[] files)
    {
        foreach (var (name, text) in files) Write(name, text);
        return TikrSetup.Load(config, new Dictionary<string, string>());
    }

    private string Folder(string name) => Path.Combine(_folder, name);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}
