namespace Aspire.Hosting.ApplicationModel;

/// <summary>A thing the application is made of: a server, a database, a project, a parameter.</summary>
public interface IResource
{
    string Name { get; }

    ResourceAnnotationCollection Annotations { get; }
}
