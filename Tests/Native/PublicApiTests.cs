using System.Reflection;
using Aspire.Hosting;

namespace Tests.Native;

/// <summary>
/// What the native engine offers under Aspire's name is what it was compared with the real library for, member by member, and written down in
/// PublicApi.txt. A member more, or another parameter's name or default, would compile here and nowhere else.
/// </summary>
public sealed class PublicApiTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Fact]
    public void PublicMembersAreTheOnesThatWereCompared()
    {
        Engines.SkipUnlessNative();
        var written = File.ReadAllLines(Path.Combine(App.FolderOfTests(), "Native", "PublicApi.txt"));

        var offered = typeof(DistributedApplication).Assembly.GetTypes().Where(t => t.IsVisible).SelectMany(MembersOf).Order(StringComparer.Ordinal).ToArray();

        if (Environment.GetEnvironmentVariable("WRITE_PUBLIC_API") is { } path)
        {
            File.WriteAllLines(path, offered);
        }

        Assert.Empty(offered.Except(written, StringComparer.Ordinal));
        Assert.Empty(written.Except(offered, StringComparer.Ordinal));
    }

    private static IEnumerable<string> MembersOf(Type type)
    {
        yield return $"{(type.IsInterface ? "interface" : type.IsEnum ? "enum" : type.IsValueType ? "struct" : "class")} {NameOf(type)}";
        foreach (var member in type.GetMembers(Declared).Where(IsShown))
        {
            yield return member switch
            {
                MethodInfo method => $"{NameOf(type)}.{method.Name}{GenericsOf(method)}({ParametersOf(method)}) : {NameOf(method.ReturnType)}",
                ConstructorInfo constructor => $"{NameOf(type)}({ParametersOf(constructor)})",
                PropertyInfo property => $"{NameOf(type)}.{property.Name} : {NameOf(property.PropertyType)}{(property.CanWrite ? " set" : string.Empty)}",
                FieldInfo field => $"{NameOf(type)}.{field.Name} : {NameOf(field.FieldType)}",
                _ => $"{NameOf(type)}.{member.Name}",
            };
        }
    }

    private static bool IsShown(MemberInfo member) => member switch
    {
        MethodInfo { IsSpecialName: true } => false,
        MethodBase method => (method.IsPublic || method.IsFamily) && !method.Name.Contains('<', StringComparison.Ordinal),
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(a => a.IsPublic || a.IsFamily),
        FieldInfo field => (field.IsPublic || field.IsFamily) && !field.IsSpecialName,
        _ => false,
    };

    private static string GenericsOf(MethodInfo method) => !method.IsGenericMethodDefinition
        ? string.Empty
        : $"<{string.Join(", ", method.GetGenericArguments().Select(a => $"{a.Name}: {string.Join(" & ", a.GetGenericParameterConstraints().Select(NameOf))}"))}>";

    private static string ParametersOf(MethodBase method) => string.Join(
        ", ", method.GetParameters().Select(p => $"{NameOf(p.ParameterType)} {p.Name}{(p.HasDefaultValue ? $" = {p.DefaultValue ?? "null"}" : string.Empty)}"));

    private static string NameOf(Type type) => type switch
    {
        { IsGenericParameter: true } => type.Name,
        { IsByRef: true } => $"ref {NameOf(type.GetElementType()!)}",
        { IsArray: true } => $"{NameOf(type.GetElementType()!)}[]",
        { IsGenericType: true } => $"{type.Namespace}.{type.Name}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>",
        { IsNested: true } => $"{NameOf(type.DeclaringType!)}+{type.Name}",
        _ => $"{type.Namespace}.{type.Name}",
    };
}
