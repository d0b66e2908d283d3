// Who may import whom, by the tags in each project.json. Services meet in proto/ and on topics, never in each other's code.
export const depConstraints = [
  { sourceTag: 'layer:kernel', onlyDependOnLibsWithTags: ['layer:kernel'] },
  { sourceTag: 'layer:contracts', onlyDependOnLibsWithTags: ['layer:kernel'] },
  { sourceTag: 'layer:rest', onlyDependOnLibsWithTags: ['layer:kernel'] },
  { sourceTag: 'layer:files', onlyDependOnLibsWithTags: ['layer:kernel'] },
  { sourceTag: 'layer:port', onlyDependOnLibsWithTags: ['layer:kernel', 'layer:port'] },
  { sourceTag: 'layer:kit', onlyDependOnLibsWithTags: ['layer:kernel', 'layer:contracts'] },
  { sourceTag: 'layer:client', onlyDependOnLibsWithTags: ['layer:kernel', 'layer:contracts', 'layer:rest'] },
  { sourceTag: 'layer:sdk', onlyDependOnLibsWithTags: ['layer:kernel'] },
  { sourceTag: 'type:lib', onlyDependOnLibsWithTags: ['type:lib'] },
  { sourceTag: 'type:plugin', onlyDependOnLibsWithTags: ['layer:kernel', 'layer:sdk'] },
  { sourceTag: 'type:service', onlyDependOnLibsWithTags: ['type:lib'] },
  { sourceTag: 'type:standalone', onlyDependOnLibsWithTags: ['type:lib', 'type:plugin', 'type:service', 'type:cli', 'type:page'] },
  { sourceTag: 'type:simulation', onlyDependOnLibsWithTags: ['type:lib', 'type:service'] },
  { sourceTag: 'type:testing', onlyDependOnLibsWithTags: ['type:lib', 'type:service', 'type:simulation'] },
  { sourceTag: 'type:page', onlyDependOnLibsWithTags: ['layer:kernel', 'layer:rest'] },
  { sourceTag: 'type:cli', onlyDependOnLibsWithTags: ['layer:kernel', 'layer:contracts', 'layer:client', 'layer:rest', 'layer:files'] },
];
