# What `cmake --install` puts in place, under the name that the command is given.
set(name ${SBX_COMMAND_NAME})
set_target_properties(sbx PROPERTIES OUTPUT_NAME ${name})
install(TARGETS sbx RUNTIME)

install(DIRECTORY ${PROJECT_BINARY_DIR}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
set(completions ${PROJECT_BINARY_DIR}/completions)
install(FILES ${completions}/${name}.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME ${name})
install(FILES ${completions}/_${name} DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${completions}/${name}.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md" PATTERN "examples/*")

# What systemd starts the daemon with: for the machine, and for one user.
set(units ${PROJECT_SOURCE_DIR}/packaging/systemd)
foreach(unit sbx.service sbx.socket user/sbx.service user/sbx.socket)
    configure_file(${units}/${unit}.in ${PROJECT_BINARY_DIR}/systemd/${unit} @ONLY)
endforeach()
foreach(unit service socket)
    install(FILES ${PROJECT_BINARY_DIR}/systemd/sbx.${unit} DESTINATION lib/systemd/system RENAME ${name}.${unit})
    install(FILES ${PROJECT_BINARY_DIR}/systemd/user/sbx.${unit} DESTINATION lib/systemd/user RENAME ${name}.${unit})
endforeach()
install(FILES ${units}/sysusers.conf DESTINATION lib/sysusers.d RENAME ${name}.conf)
