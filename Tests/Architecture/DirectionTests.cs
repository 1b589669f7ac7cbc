using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Assembly = System.Reflection.Assembly;

namespace Tests.Architecture;

/// <summary>References run one way, between projects and between the folders of the two planes, as <see cref="Directions"/> lists them.</summary>
public sealed class DirectionTests
{
    private static readonly Lazy<IReadOnlyList<Use>> Uses = new(Load);

    [Fact]
    public void WhatIsAllowedHasNoCircle()
    {
        foreach (var table in (Directions.Row[][])[Directions.Projects, Directions.Realtime, Directions.Layouts])
        {
            for (var i = 0; i < table.Length; i++)
            {
                Assert.Empty(table[i].MayUse.Except(table[..i].Select(static row => row.Name), StringComparer.Ordinal));
            }
        }
    }

    [Fact]
    public void ProjectsUseWhatTheyMay() => Holds(Directions.Projects, Uses.Value, static place => place.Project);

    [Fact]
    public void FoldersOfRealtimeUseWhatTheyMay() => Holds(Directions.Realtime, Within("Realtime"), static place => place.Folder);

    [Fact]
    public void FoldersOfLayoutsUseWhatTheyMay() => Holds(Directions.Layouts, Within("Layouts"), static place => place.Folder);

    [Fact]
    public void LayoutsUsesOfRealtimeOnlyTheContractOfTheNode()
    {
        var across = Uses.Value.Where(static use => use.From is { Project: "Layouts", Folder: not Directions.Root } && use.To.Project == "Realtime").ToArray();
        HasNone(across.Where(static use => !Directions.NodeContract.Contains(use.To.Folder, StringComparer.Ordinal)));

        // What nothing uses does not belong to the contract.
        Assert.Equal(Directions.NodeContract, across.Select(static use => use.To.Folder).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<Use> Within(string project) => Uses.Value.Where(use => use.From.Project == project && use.To.Project == project);

    private static void Holds(Directions.Row[] table, IEnumerable<Use> uses, Func<Place, string> nameOf)
    {
        var rows = table.ToDictionary(static row => row.Name, StringComparer.Ordinal);
        var all = uses.ToArray();

        // A name without a row is new and needs one; a row without a use is out of date.
        Assert.Equal(rows.Keys.Order(StringComparer.Ordinal), all.SelectMany(use => (string[])[nameOf(use.From), nameOf(use.To)]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        HasNone(all.Where(use => nameOf(use.From) != nameOf(use.To) && !rows[nameOf(use.From)].MayUse.Contains(nameOf(use.To), StringComparer.Ordinal)));
    }

    private static void HasNone(IEnumerable<Use> uses)
    {
        var refused = uses.Select(static use => use.ToString()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        Assert.True(refused.Length == 0, $"{string.Join(Environment.NewLine, refused)}{Environment.NewLine}may not ({nameof(Directions)}).");
    }

    /// <summary>Every use of one of our types by another, in signatures and bodies.</summary>
    private static Use[] Load()
    {
        var projects = Directions.Projects.Select(static row => row.Name).ToHashSet(StringComparer.Ordinal);
        var code = new ArchLoader().LoadAssemblies([.. projects.Select(Assembly.Load)]).Build();
        return
        [
            .. code.Types.SelectMany(static type => type.Dependencies)
                .Where(static dependency => dependency is { Origin: not GenericParameter, Target: not GenericParameter })
                .Select(static dependency => new Use(Place.Of(dependency.Origin), Place.Of(dependency.Target)))
                .Where(use => projects.Contains(use.From.Project) && projects.Contains(use.To.Project)),
        ];
    }

    /// <summary>Where a type is: the namespace is the path.</summary>
    private sealed record Place(string Project, string Folder, string Type)
    {
        public static Place Of(IType type)
        {
            var parts = type.Namespace.FullName.Split('.', 3);
            return new Place(parts[0], parts.Length > 1 ? parts[1] : Directions.Root, type.FullName);
        }
    }

    private sealed record Use(Place From, Place To)
    {
        public override string ToString() => $"{From.Type} uses {To.Type}";
    }
}
